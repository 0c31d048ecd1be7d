// A sound for each family, told apart by rhythm as well as pitch. [start s, length s, Hz]
import { text } from "./texts.js";

const SOUNDS = {
  ok: [[0, .14, 880], [.16, .22, 1320]],
  act: [[0, .3, 1000]],
  warn: [[0, .14, 660], [.24, .14, 660]],
  ng: [[0, .13, 220], [.2, .13, 220], [.4, .16, 220]],
  stop: [[0, .6, 330]],
  read: [[0, .06, 2000]],
};
const MUTED = "uketori-muted";
let context = null;
let played = null;

const isMuted = () => localStorage.getItem(MUTED) === "yes";

function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().then(label, label);
  return context;
}

export function setUpSound(view) {
  const button = view.querySelector("[data-sound-switch]");
  if (!button || !button.hidden) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const silent = context === null || context.state === "suspended";
    if (!silent || isMuted()) localStorage.setItem(MUTED, isMuted() ? "no" : "yes");
    wake();
    label();
  });
  label();
}

function label() {
  const shown = document.querySelector("[data-sound-label]");
  if (!shown) return;
  if (isMuted()) shown.textContent = text("soundOff");
  else shown.textContent = text(context?.state === "running" ? "soundOn" : "soundAsleep");
}

export function playOnce(family, id) {
  if (!family || id === played) return;
  played = id;
  if (isMuted() || !SOUNDS[family]) return;
  if (wake().state === "running") sound(context, family);
}

// Asked for by a click: it waits until sound is allowed.
export async function play(family) {
  const audio = wake();
  await audio.resume();
  sound(audio, family);
}

function sound(audio, family) {
  for (const [start, length, pitch] of SOUNDS[family]) tone(audio, audio.currentTime + start, length, pitch);
}

function tone(audio, at, length, pitch) {
  const source = new OscillatorNode(audio, { frequency: pitch, type: pitch < 300 ? "sawtooth" : "sine" });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setTargetAtTime(.25, at, .008);
  volume.gain.setTargetAtTime(0, at + length, .02);
  source.connect(volume).connect(audio.destination);
  source.start(at);
  source.stop(at + length + .2);
}

// The first click or key anywhere allows sound.
for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, () => { if (!isMuted()) { wake(); label(); } }, { once: true });
}

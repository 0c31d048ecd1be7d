// The sentences of the scripts, in the language of the page: they stand in the page, for there is one
// catalogue of texts and it is the server's.
export function text(name, number) {
  const said = document.getElementById("texts")?.dataset[name] ?? "";
  return number === undefined ? said : said.replace("{}", number);
}

// Answers lines of JSON: {"html": …} in, [{rule, message, line, column}, …] out, until the input ends.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [, , bundle, config] = process.argv;
const { HtmlValidate, StaticConfigLoader } = createRequire(import.meta.url)(bundle);
const validator = new HtmlValidate(new StaticConfigLoader(JSON.parse(config)));

for await (const line of createInterface({ input: process.stdin })) {
  const { results } = await validator.validateString(JSON.parse(line).html);
  const found = results.flatMap((result) => result.messages);
  const answer = found.map(({ ruleId, message, line, column }) => ({ rule: ruleId, message, line, column }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

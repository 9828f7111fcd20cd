// JSON as it was sent, laid out for people: its own digits, a line for each row of a frame and for each outer member.

const OUTER_DEPTH = 2;
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/g;

export function layOut(json) {
  let depth = 0;
  let before = "";
  return json.replaceAll(TOKEN, (token) => {
    if (token === "}" || token === "]") depth -= 1;
    if (token === "{" || token === "[") depth += 1;
    const breaks = token === "," && (depth <= OUTER_DEPTH || before === "]");
    before = token;
    if (breaks) return `,\n${"  ".repeat(depth)}`;
    return token === "," || token === ":" ? `${token} ` : token;
  });
}

/** No number of fewer digits loses any of them on its way through a JavaScript number. */
const manyDigits = /\d[\d.]{15}/;

/**
 * The top-level members of a JSON object in whose numbers a JavaScript number would lose digits, as they are written: 9999999999999.999999
 * would become ten million million. The text is valid JSON: it was parsed before.
 */
export function exactNumbers(json: string): Readonly<Record<string, string>> {
  if (!manyDigits.test(json)) return {};
  const found: [string, string][] = [];
  let depth = 0;
  let name = '';
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]|-?\d[\d.eE+-]*/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth !== 1) continue;
    else if (token.startsWith('"')) {
      // A text that is a value is taken for a name as well, but no number follows it.
      name = JSON.parse(token) as string;
    } else if (manyDigits.test(token) && json.slice(0, index).trimEnd().endsWith(':')) found.push([name, token]);
  }
  return Object.fromEntries(found);
}

/** JavaScript writes numbers below a millionth with an exponent. */
export function toDigits(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e-');
  if (exponent === undefined) return mantissa;
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(Number(exponent) - 1)}${mantissa.replace(/[-.]/g, '')}`;
}

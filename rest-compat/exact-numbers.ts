/** No number of fewer digits loses any of them on its way through a JavaScript number. */
const manyDigits = /\d[\d.]{15}/;

interface Written {
  /** The names from the whole down to the number. */
  readonly path: readonly string[];
  readonly digits: string;
}

/**
 * A JSON object with the plain digits of numbers in which a JavaScript number loses some: 9999999999999.999999 would become ten million
 * million. `names` says which, dotted where they are within objects. `json` is what `body` was parsed from.
 */
export function withExactNumbers(body: unknown, json: string, names: ReadonlySet<string>): unknown {
  if (!manyDigits.test(json)) return body;
  return findNumbers(json)
    .filter(({ path }) => names.has(path.join('.')))
    .reduce((whole, { path, digits }) => replace(whole, path, digits), body);
}

function findNumbers(json: string): Written[] {
  const found: Written[] = [];
  const within: string[] = [];
  let name = '';
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]|-?\d[\d.eE+-]*/g)) {
    if (token === '{' || token === '[') within.push(name);
    else if (token === '}' || token === ']') within.pop();
    else if (token.startsWith('"')) {
      // A text that is a value is taken for a name as well, but no number follows it.
      name = JSON.parse(token) as string;
    } else if (manyDigits.test(token) && json.slice(0, index).trimEnd().endsWith(':'))
      found.push({ path: [...within.slice(1), name], digits: token });
  }
  return found;
}

/** Of names that came twice the last one counts: it is the number that was parsed. */
function replace(value: unknown, [name, ...deeper]: readonly string[], digits: string): unknown {
  if (name === undefined) return value === Number(digits) ? toPlainDigits(digits) : value;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return value;
  return { ...value, [name]: replace(Reflect.get(value, name), deeper, digits) };
}

/** The largest exponent that is written out: any larger one makes a number that no amount can be. */
const mostPlaces = 100;

/** The digits of a JSON number without an exponent, and without zeros at its end, which say nothing. */
function toPlainDigits(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  if (/^0+$/.test(whole + fraction)) return '0';
  const places = Number(exponent);
  if (Math.abs(places) > mostPlaces) return literal;
  const point = whole.length + places;
  const digits = (whole + fraction).padEnd(point, '0');
  const before = (point > 0 ? digits.slice(0, point) : '').replace(/^0+/, '') || '0';
  const after = (point > 0 ? digits.slice(point) : `${'0'.repeat(-point)}${digits}`).replace(/0+$/, '');
  return `${sign}${before}${after === '' ? '' : `.${after}`}`;
}

/** JavaScript writes numbers below a millionth with an exponent. */
export function toDigits(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e-');
  if (exponent === undefined) return mantissa;
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(Number(exponent) - 1)}${mantissa.replace(/[-.]/g, '')}`;
}

/** A number where that is exactly what the digits say; else the digits. */
export function toJsonNumber(digits: string): number | string {
  const number = Number(digits);
  return toDigits(number) === digits ? number : digits;
}

/** What a log may say of an error. Drivers and parsers quote the values that they stumble over, and those are people's. */

/** Errors whose words are about the program. A SyntaxError, for one, is about the text that it could not read. */
const aboutTheProgram: readonly unknown[] = [Error, TypeError, RangeError, ReferenceError];

/** A word or two on what went wrong: a code where there is one, else what the error says without what it quotes. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return aboutTheProgram.includes(error.constructor) ? withoutValues(error.message) : error.name;
}

/** Where our own code failed. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  return {
    type: error.name,
    reason: reasonOf(error),
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.startsWith('    at '))
      .slice(0, 8)
      .join('\n'),
  };
}

/** Quoted texts, and what follows a colon, are values; so are addresses and longer numbers. */
function withoutValues(message: string): string {
  const [statement = ''] = message.split(/:\s|\n/, 1);
  return statement
    .replace(/"[^"]*"?|`[^`]*`?|(?<=\s|\()'[^']*'?/g, '...')
    .replace(/\S*@\S*|\d{4,}/g, '...')
    .slice(0, 200);
}

import { expect, it } from 'vitest';
import { describeError, reasonOf } from '../../src/platform/error-reason.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

it('says what went wrong without what the error quotes', () => {
  const detail = { code: '23505', detail: 'Key (email)=(vera@example.com) already exists.' };
  const told: [unknown, string][] = [
    [Object.assign(new Error('duplicate key value violates "vera"'), detail), '23505'],
    [new Error('Query read timeout'), 'Query read timeout'],
    [new Error('invalid input syntax for type uuid: "vera@example.com"'), 'invalid input syntax for type uuid'],
    [new Error('cannot read "vera wrz" of vera@example.com, 5125550147'), 'cannot read ... of ... ...'],
    [new Error(`the name 'vera' is taken`), 'the name ... is taken'],
    [new Error('first line\nemail: "vera@example.com"'), 'first line'],
    [thrownBy(() => JSON.parse('vera@example.com')), 'SyntaxError'],
    [thrownBy(() => BigInt('vera')), 'SyntaxError'],
    [thrownBy(() => new URL('vera@example.com')), 'ERR_INVALID_URL'],
    ['vera@example.com', 'string'],
  ];
  for (const [error, reason] of told) expect(reasonOf(error)).toBe(reason);
});

it('shows where it happened, and nothing that the driver added', () => {
  const error = Object.assign(new Error('vera@example.com'), { code: '23514', detail: 'Failing row contains (vera@example.com)' });
  const described = describeError(error);
  expect(described).toMatchObject({ type: 'Error', reason: '23514' });
  expect(JSON.stringify(described)).not.toContain('vera');
  expect(described['stack']).toContain('error-reason.test');
});

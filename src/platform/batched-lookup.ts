import { UnavailableError } from '../errors.ts';
import { whyUnavailable } from './database.ts';
import { createGate } from './gate.ts';

export interface BatchedLookup<Row> {
  /** Null: there is none. Rejects with UnavailableError when the database does not answer in time. */
  readonly find: (value: string) => Promise<Row | null>;
  /** Resolves when no statement is under way. */
  readonly drained: () => Promise<void>;
}

interface Question<Row> {
  readonly value: string;
  readonly resolve: (row: Row | null) => void;
  readonly reject: (error: unknown) => void;
}

const answerWithinMs = 2000;

/** Looks values up in batches, one statement at a time: a flood of unknown ones takes one connection, not all of them. */
export function createBatchedLookup<Row>(
  load: (values: readonly string[]) => Promise<readonly Row[]>,
  valueOf: (row: Row) => string,
): BatchedLookup<Row> {
  const gate = createGate<Question<Row>>({
    maxBatch: 256,
    maxInFlight: 1,
    maxWaiting: 4096,
    run: (_lane, questions) => answer(questions).finally(() => questions.forEach(() => gate.leave())),
  });

  async function answer(questions: readonly Question<Row>[]): Promise<void> {
    try {
      const rows = await load(questions.map(({ value }) => value));
      const found = new Map(rows.map((row) => [valueOf(row), row]));
      for (const question of questions) question.resolve(found.get(question.value) ?? null);
    } catch (error) {
      const unavailable = whyUnavailable(error);
      const reason = unavailable ? new UnavailableError(unavailable) : error;
      for (const question of questions) question.reject(reason);
    }
  }

  return {
    find: (value) =>
      new Promise((resolve, reject) => {
        const overdue = setTimeout(() => reject(new UnavailableError('DB_UNAVAILABLE')), answerWithinMs);
        const question: Question<Row> = {
          value,
          resolve: (row) => {
            clearTimeout(overdue);
            resolve(row);
          },
          reject: (error) => {
            clearTimeout(overdue);
            reject(error);
          },
        };
        if (!gate.add('', question)) question.reject(new UnavailableError('OVERLOADED'));
      }),
    drained: () => gate.drained(),
  };
}

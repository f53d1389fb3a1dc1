import { type ExecutionResult, getOperationAST, GraphQLError, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { UnavailableError } from '../errors.ts';
import { createAdmission } from '../platform/admission.ts';

/** A page of leads takes some tens of milliseconds. What waits longer than this waits because too many do. */
const maxMs = 300;
/** Twice as many as there are connections to read with. */
const atLeast = 24;

type Outcome = ExecutionResult | Promise<ExecutionResult>;

/** Runs an operation, or answers that there are too many. */
export type Admit = (operation: OperationDefinitionNode | null | undefined, run: () => Outcome) => Outcome;

export interface QueryAdmission {
  readonly admit: Admit;
  /** Whether a request, as it was sent, can only be a query, and there is no room for one. */
  readonly turnsAway: (request: object) => boolean;
}

/**
 * Queries are let in as long as they are answered in time, and refused before they ask the database for anything: one that gives up halfway has
 * cost as much as one that was answered. Mutations pass: leads have the writer's gate, and connections of their own.
 */
export function createQueryAdmission(): QueryAdmission {
  const queries = createAdmission({ maxMs, atLeast });
  return {
    admit(operation, run) {
      if (operation?.operation !== OperationTypeNode.QUERY) return run();
      if (!queries.enter()) return refused();
      return leaving(run, queries.leave);
    },
    turnsAway: (request) => !queries.hasRoom() && 'query' in request && typeof request.query === 'string' && !mayWrite.test(request.query),
  };
}

const mayWrite = /mutation|subscription/;

/** For operations of the graph's own callers. It stands last, so that it runs what the others decided on. */
export function admitQueries(admit: Admit): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const operation = getOperationAST(args.document, args.operationName);
      setExecuteFn((given) => admit(operation, () => executeFn(given) as Outcome));
    },
  };
}

async function leaving(run: () => Outcome, leave: () => void): Promise<ExecutionResult> {
  try {
    return await run();
  } finally {
    leave();
  }
}

function refused(): ExecutionResult {
  const originalError = new UnavailableError('OVERLOADED');
  return { errors: [new GraphQLError(originalError.message, { originalError })] };
}

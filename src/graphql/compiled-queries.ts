import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../context.ts';
import { isCompilable } from './is-compilable.ts';

export type Run = (context: Context, variables: Record<string, unknown>) => ExecutionResult | Promise<ExecutionResult>;

/** Compiles one operation; null where the compiler cannot. */
export function compileOperation(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Run | null {
  const compiled = compileQuery(schema, document, operation.name?.value);
  if (!isCompiledQuery(compiled)) return null;
  const finish = ({ errors, ...rest }: ExecutionResult): ExecutionResult =>
    errors ? { ...rest, errors: errors.map((error) => toLocatedError(error, document)) } : rest;
  return (context, variables) => {
    const result = compiled.query(undefined, context, variables);
    return result instanceof Promise ? result.then(finish) : finish(result);
  };
}

/** The compiler's errors know lines and columns only, and do not say which of them are the server's fault. */
function toLocatedError({ message, path, locations, originalError }: GraphQLError, document: DocumentNode): GraphQLError {
  const positions = locations?.map((location) => positionOf(document, location)) ?? [];
  const isCallersFault = /^(?:Argument|Variable) "/.test(message);
  return new GraphQLError(message, {
    ...(document.loc && positions.length > 0 && { source: document.loc.source, positions }),
    ...(path && { path }),
    originalError: originalError ?? (isCallersFault ? null : new Error(message)),
  });
}

function positionOf({ loc }: DocumentNode, { line, column }: { readonly line: number; readonly column: number }): number {
  for (let token = loc?.startToken; token; token = token.next ?? undefined) {
    if (token.line === line && token.column === column) return token.start;
  }
  return 0;
}

/** So often a query must have come before compiling it, which takes as long as answering it a few times, pays. */
const timesBefore = 20;
const mostCompiled = 200;

export interface CompiledQueries {
  /** How to run what comes often; null: as usual. */
  readonly find: (args: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>) => Run | null;
}

/** Remembers the queries that come again and again, compiled: bounded, and the one that was not asked for longest goes first. */
export function createCompiledQueries(schema: GraphQLSchema, before = timesBefore, most = mostCompiled): CompiledQueries {
  // Documents are remembered by their text elsewhere, so an operation that comes again is the same object.
  const seen = new WeakMap<OperationDefinitionNode, number>();
  const runs = new Map<OperationDefinitionNode, Run>();
  const remember = (operation: OperationDefinitionNode, run: Run): Run => {
    runs.delete(operation);
    runs.set(operation, run);
    for (const oldest of runs.keys()) {
      if (runs.size <= most) break;
      runs.delete(oldest);
      seen.delete(oldest);
    }
    return run;
  };

  function runOf(document: DocumentNode, operation: OperationDefinitionNode): Run | null {
    const known = runs.get(operation);
    if (known) return remember(operation, known);
    const times = (seen.get(operation) ?? 0) + 1;
    seen.set(operation, times);
    // Once only: what cannot be compiled stays so.
    if (times !== before + 1 || !isCompilable(schema, document, operation)) return null;
    const run = compileOperation(schema, document, operation);
    return run && remember(operation, run);
  }

  return {
    find({ document, operationName, variableValues }) {
      const operation = getOperationAST(document, operationName);
      const run = operation && runOf(document, operation);
      // Variables that do not fit are refused in the words of graphql-js. (The compiler knows no @oneOf either.)
      return run && hasFittingVariables(operation, variableValues) ? run : null;
    },
  };

  function hasFittingVariables({ variableDefinitions }: OperationDefinitionNode, values: ExecutionArgs['variableValues']): boolean {
    return getVariableValues(schema, variableDefinitions ?? [], values ?? {}, { maxErrors: 1 }).errors === undefined;
  }
}

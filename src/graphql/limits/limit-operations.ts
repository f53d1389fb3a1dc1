import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../../auth/viewer.ts';
import type { Context } from '../../context.ts';
import { type Limited, operationLimits } from './limits.ts';
import { prepareListCheck } from './long-lists.ts';
import { type DocumentSize, measureDocument } from './measure-document.ts';
import { prepareCost, type Variables } from './operation-cost.ts';

export interface LimitOptions {
  /** The schema is shown to those with a key only, and errors suggest no names of it. */
  readonly hidesSchema: boolean;
}

/** What is known of an operation that was checked. */
interface Prepared {
  readonly cost: (variables: Variables) => number;
  readonly findLongList: (variables: Variables) => string | null;
}

/**
 * Refuses what asks for too much, before any of it runs, on every transport: its size before it is checked against the schema, its cost
 * and its variables before it is executed. Answers say what they cost.
 */
export function limitOperations({ hidesSchema }: LimitOptions): Plugin<Context> {
  const sizes = new WeakMap<DocumentNode, DocumentSize>();
  const prepared = new WeakMap<OperationDefinitionNode, Prepared>();

  function sizeOf(document: DocumentNode): DocumentSize {
    const size = sizes.get(document) ?? measureDocument(document);
    sizes.set(document, size);
    return size;
  }

  function prepare(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Prepared {
    const known = prepared.get(operation) ?? {
      cost: prepareCost(schema, document, operation),
      findLongList: prepareListCheck(schema, operation, operationLimits.listItems),
    };
    prepared.set(operation, known);
    return known;
  }

  /** What the operation costs, or why it may not run. */
  function assess({ schema, document, operationName, variableValues }: ExecutionArgs, viewer: Viewer): number | GraphQLError {
    if (hidesSchema && viewer.kind === 'ANONYMOUS' && sizeOf(document).introspects) return schemaNeedsKey();
    const operation = getOperationAST(document, operationName);
    // Which operation is meant is for the executor to say.
    if (!operation) return 0;
    const { cost, findLongList } = prepare(schema, document, operation);
    const variables = variableValues ?? {};
    const longList = findLongList(variables);
    if (longList !== null) return tooComplex('listItems', `Variable "${longList}": `);
    const requested = cost(variables);
    return requested > operationLimits.cost ? tooComplex('cost', `Cost ${requested}: `) : requested;
  }

  return {
    onParse({ setParseFn }) {
      setParseFn(parseWithinLimits);
    },
    onValidate({ params, setResult, setValidationFn }) {
      const excess = excessOf(sizeOf(params.documentAST));
      const options = { hideSuggestions: hidesSchema, maxErrors: operationLimits.errors };
      if (excess) setResult([tooComplex(excess)]);
      else setValidationFn((schema, document, rules) => validate(schema, document, rules, options));
    },
    onExecute({ args, setResultAndStopExecution }) {
      const { viewer } = args.contextValue;
      const cost = assess(args, viewer);
      if (typeof cost !== 'number') {
        setResultAndStopExecution({ errors: [cost] });
        return undefined;
      }
      const extensions = viewer.kind === 'ANONYMOUS' ? null : { cost: { requested: cost, limit: operationLimits.cost } };
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return;
          const shown = hidesSchema ? withoutSuggestions(result) : result;
          setResult(extensions ? { ...shown, extensions: { ...shown.extensions, ...extensions } } : shown);
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const cost = assess(args, args.contextValue.viewer);
      if (typeof cost !== 'number') {
        setResultAndStopExecution({ errors: [cost] });
        return undefined;
      }
      return {
        onSubscribeResult({ result, setResult }) {
          if (hidesSchema && !(Symbol.asyncIterator in result)) setResult(withoutSuggestions(result));
        },
      };
    },
  };
}

function parseWithinLimits(...[source, options]: Parameters<typeof parse>): DocumentNode {
  const text = typeof source === 'string' ? source : source.body;
  if (text.length > operationLimits.characters) throw tooComplex('characters');
  try {
    return parse(source, { ...options, maxTokens: operationLimits.tokens });
  } catch (error) {
    if (error instanceof GraphQLError && error.message.startsWith('Syntax Error: Document contains more')) throw tooComplex('tokens');
    throw error;
  }
}

/** Variables that do not fit are refused by the executor, which suggests names that would. */
function withoutSuggestions(result: ExecutionResult): ExecutionResult {
  if (!result.errors || 'data' in result) return result;
  return { ...result, errors: result.errors.map(withoutSuggestion) };
}

function withoutSuggestion(error: GraphQLError): GraphQLError {
  const [message = '', suggestion] = error.message.split(' Did you mean ', 2);
  if (suggestion === undefined) return error;
  return new GraphQLError(message, { ...(error.nodes && { nodes: error.nodes }), extensions: error.extensions });
}

function excessOf(size: DocumentSize): Limited | null {
  const limited = [
    'operations',
    'spreads',
    'depth',
    'fields',
    'aliases',
    'repeats',
    'directivesAtOnePlace',
    'directives',
    'listItems',
    'valueDepth',
  ] as const;
  return limited.find((name) => size[name] > operationLimits[name]) ?? null;
}

const complaints: Readonly<Record<Limited, string>> = {
  characters: 'The document has too many characters.',
  tokens: 'The document has too many tokens.',
  operations: 'The document holds too many operations.',
  spreads: 'The document spreads too many fragments.',
  depth: 'Fields are nested too deeply.',
  fields: 'The document selects too many fields, with its fragments written out.',
  aliases: 'The document uses too many aliases.',
  repeats: 'A field is selected too often at the same place.',
  directivesAtOnePlace: 'Too many directives stand at one place.',
  directives: 'The document uses too many directives.',
  listItems: 'A list has too many entries.',
  valueDepth: 'A value is nested too deeply.',
  cost: 'The operation asks for too many objects.',
};

/** Says what is too much and where, but not how much would do: whoever has a reason to know is told where that stands. */
const tooComplex = (limited: Limited, about = ''): GraphQLError =>
  new GraphQLError(`${about}${complaints[limited]} Ask for less, or in several requests: see "Limits" in the README.`, {
    extensions: { code: 'OPERATION_TOO_COMPLEX', http: { status: 400, spec: true } },
  });

const schemaNeedsKey = (): GraphQLError =>
  new GraphQLError('The schema is shown to callers with a valid API key only.', {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: { 'www-authenticate': 'Bearer' } } },
  });

import type { DocumentNode } from 'graphql';
import type { z } from 'zod';
import type { Dialect } from './dialect.ts';
import { withExactNumbers } from './exact-numbers.ts';
import type { FormFields } from './form-fields.ts';
import type { Answer, FieldIssue, Method, RestCall } from './route.ts';

/** What an endpoint's mappings may use of a call whose shape was checked. */
export interface CheckedCall<Body, Query> {
  readonly body: Body;
  readonly query: Query;
  readonly params: Params;
  readonly idempotencyKey: string | undefined;
}

export interface DocumentedAnswer {
  readonly status: number;
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example?: unknown;
}

export interface EndpointDocs {
  readonly summary: string;
  readonly description: string;
  /** Whole requests to try, as a user would type them. */
  readonly examples: readonly { readonly title: string; readonly curl: string; readonly body?: unknown }[];
  readonly answers: readonly DocumentedAnswer[];
  /** The statuses of the refusals that are special to this endpoint. */
  readonly refusals: Readonly<Record<number, string>>;
}

type Params = Readonly<Record<string, string>>;

export interface Declaration<Body, Query, Data> {
  readonly method: Method;
  readonly path: string;
  /** A GET that writes, as its documentation has it: nothing may fetch it by the way. */
  readonly writesOnGet?: boolean;
  readonly dialect: Dialect;
  readonly docs: EndpointDocs;
  /** Shape only: what a value must obey is the operation's to say, once for every way in. */
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  /** Makes of a form's texts what a JSON body would hold; without it forms are not taken. */
  readonly fromForm?: (fields: FormFields) => unknown;
  /** Parameters of the address stand in for fields that the body lacks. */
  readonly queryInBody?: boolean;
  /** Fields whose numbers are taken digit for digit, as texts; dotted where they are within objects. */
  readonly exact?: ReadonlySet<string>;
  readonly operation: DocumentNode;
  readonly toVariables: (call: CheckedCall<Body, Query>) => Record<string, unknown>;
  /** What the caller calls the field at a path of the operation's input. */
  readonly fieldName?: (path: readonly string[]) => string;
  readonly toAnswer: (data: Data, call: CheckedCall<Body, Query>) => Answer | NotFound;
}

/** The operation ran and found nothing. */
export type NotFound = 'LEAD_NOT_FOUND';

/** A declaration whose types are settled: what the handler and the documentation work with. */
export interface Endpoint {
  readonly method: Method;
  readonly path: string;
  readonly accepts: readonly ('json' | 'form')[];
  readonly writesOnGet: boolean;
  readonly dialect: Dialect;
  readonly docs: EndpointDocs;
  readonly body: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly queryInBody: boolean;
  readonly operation: DocumentNode;
  readonly fieldName: (path: readonly string[]) => string;
  readonly translate: (call: RestCall, idempotencyKey: string | undefined) => Translation;
}

/** Whether a call may change something: then it takes an Idempotency-Key. */
export const isWrite = ({ method, writesOnGet }: Pick<Endpoint, 'method' | 'writesOnGet'>): boolean => method !== 'GET' || writesOnGet;

export type Translation =
  | { readonly issues: readonly FieldIssue[] }
  | { readonly issues?: undefined; readonly variables: Record<string, unknown>; readonly toAnswer: (data: unknown) => Answer | NotFound };

export function endpoint<Body = undefined, Query = undefined, Data = unknown>(declaration: Declaration<Body, Query, Data>): Endpoint {
  const { method, path, dialect, docs, body, query, fromForm, operation, toVariables, toAnswer, exact } = declaration;
  return {
    method,
    path,
    accepts: body ? (fromForm ? ['json', 'form'] : ['json']) : [],
    writesOnGet: declaration.writesOnGet ?? false,
    dialect,
    docs,
    body: body ?? null,
    query: query ?? null,
    queryInBody: declaration.queryInBody ?? false,
    operation,
    fieldName: declaration.fieldName ?? ((names) => names.join('.')),
    translate(call, idempotencyKey) {
      const sent = call.isForm && fromForm ? fromForm(call.body as FormFields) : call.body;
      const given = exact && call.rawBody !== undefined ? withExactNumbers(sent, call.rawBody, exact) : sent;
      const checkedBody = body?.safeParse(given);
      const checkedQuery = query?.safeParse(call.query);
      if (checkedBody?.success === false || checkedQuery?.success === false) {
        return { issues: [...(checkedBody?.error?.issues ?? []), ...(checkedQuery?.error?.issues ?? [])].map(toFieldIssue) };
      }
      // Without a schema the type parameter is `undefined`, and so is the value.
      const checked = {
        body: withProto(checkedBody?.data, given) as Body,
        query: checkedQuery?.data as Query,
        params: call.params,
        idempotencyKey,
      };
      // A test validates every document against the schema, so the data has the shape that the declaration states.
      return { variables: toVariables(checked), toAnswer: (data) => toAnswer(data as Data, checked) };
    },
  };
}

/** zod leaves out a field named `__proto__`, which is data like any other: who keeps unknown fields gets it. */
function withProto(checked: unknown, sent: unknown): unknown {
  const left = typeof sent === 'object' && sent !== null ? Object.getOwnPropertyDescriptor(sent, '__proto__') : undefined;
  if (!left || typeof checked !== 'object' || checked === null || Object.hasOwn(checked, '__proto__')) return checked;
  return Object.fromEntries([...Object.entries(checked), ['__proto__', left.value]]);
}

function toFieldIssue(issue: z.core.$ZodIssue): FieldIssue {
  const isCustom = issue.code === 'custom';
  return {
    path: issue.path.map(String).join('.') || '$',
    message: issue.message,
    code: isCustom ? 'INVALID_VALUE' : issue.code.toUpperCase(),
  };
}

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Refusal } from '../graph/document.ts';

export interface FieldIssue {
  /** The name of the field; null: no field of the form is to blame. */
  readonly field: string | null;
  readonly message: string;
}

const Issues = createContext<readonly FieldIssue[]>([]);

export const FieldIssues = Issues.Provider;

/** What the graph has against a field, in words; null: nothing. */
export function useFieldProblem(name: string): string | null {
  const messages = useContext(Issues)
    .filter(({ field }) => field === name)
    .map(({ message }) => message);
  return messages.length === 0 ? null : messages.join(' ');
}

/** Finds the field of each issue: `events.2.payout.fixed` is that of a field of this name, or else of `events.2.payout`, and so on. */
export function placeIssues(
  { code, message, issues = [] }: Refusal,
  fields: { readonly namedItem: (name: string) => unknown },
  blames: Readonly<Record<string, string>>,
): readonly FieldIssue[] {
  if (issues.length === 0) return [{ field: blames[code] ?? null, message }];
  return issues.map((issue) => {
    const prefixes = issue.path.map((_, i) => issue.path.slice(0, issue.path.length - i).join('.'));
    const field = prefixes.find((name) => fields.namedItem(name) != null) ?? null;
    const rest = (field === null ? issue.path : issue.path.slice(field.split('.').length)).filter((name) => !/^\d+$/.test(name));
    return { field, message: field === null && rest.length > 0 ? `${rest.join('.')}: ${issue.message}` : sentence(issue.message) };
  });
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

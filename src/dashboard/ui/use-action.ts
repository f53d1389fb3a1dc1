import { useState } from 'preact/hooks';
import { isRefusal, reasonOf, type Refusal } from '../graph/document.ts';
import { toGraphError } from '../graph/use-query.ts';

export interface Action {
  readonly busy: boolean;
  /** Why it did not happen. */
  readonly problem: string | null;
  /** The same, when the graph refused it: with the fields that are to blame. */
  readonly refusal: Refusal | null;
  /** Runs a mutation and hands its success on; a refusal becomes the problem. */
  readonly run: <Result extends { readonly __typename: string }>(
    work: () => Promise<Result>,
    onDone: (success: Exclude<Result, Refusal>) => void,
  ) => void;
}

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  return {
    busy,
    problem,
    refusal,
    run(work, onDone) {
      setBusy(true);
      setProblem(null);
      setRefusal(null);
      work()
        .then((result) => {
          if (!isRefusal(result)) return onDone(result as Exclude<typeof result, Refusal>);
          setRefusal(result);
          setProblem(reasonOf(result));
        })
        .catch((error: unknown) => setProblem(toGraphError(error).message))
        .finally(() => setBusy(false));
    },
  };
}

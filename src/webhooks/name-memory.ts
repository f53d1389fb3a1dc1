const rememberMs = 1000;
const mostNames = 10_000;

/**
 * Asks for a name once a second, however many deliveries go there: a slow name server then holds one of the few threads for name look-ups, not
 * all of them. What is remembered is checked and pinned at each call like a fresh answer.
 */
export function rememberNames(lookUp: (name: string) => Promise<readonly string[]>): (name: string) => Promise<readonly string[]> {
  const known = new Map<string, Promise<readonly string[]>>();
  return (name) => {
    const found = known.get(name);
    if (found) return found;
    if (known.size >= mostNames) known.clear();
    const asked = lookUp(name);
    known.set(name, asked);
    const forget = () => known.get(name) === asked && known.delete(name);
    asked.then(() => setTimeout(forget, rememberMs).unref(), forget);
    return asked;
  };
}

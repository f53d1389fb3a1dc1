import DataLoader from 'dataloader';

/**
 * One statement for what many objects of one answer ask for at the same moment: `load` gets the keys of all of them and gives a value for
 * each, in their order. `args` are what the field was asked with; those of one name share a statement.
 *
 * Nothing is remembered beyond the batch: a subscription keeps its context for hours, and must see every later state.
 */
export function createBatchLoader<Context extends object, Args, Key, Value>(
  load: (ctx: Context, args: Args, keys: readonly Key[]) => Promise<readonly Value[]>,
  nameOf: (args: Args) => string = (args) => JSON.stringify(args ?? null),
): (ctx: Context, args: Args, key: Key) => Promise<Value> {
  const waiting = new Map<Context, Map<string, DataLoader<Key, Value>>>();
  return (ctx, args, key) => {
    const ofContext = waiting.get(ctx) ?? new Map<string, DataLoader<Key, Value>>();
    waiting.set(ctx, ofContext);
    const name = nameOf(args);
    const known = ofContext.get(name);
    if (known) return known.load(key);
    const loader = new DataLoader<Key, Value>(
      (keys) => {
        // A loader that lived as long as its context would keep all that it ever loaded through several collections of garbage.
        if (ofContext.get(name) === loader) ofContext.delete(name);
        if (ofContext.size === 0) waiting.delete(ctx);
        return load(ctx, args, keys);
      },
      { cache: false, maxBatchSize: 500 },
    );
    ofContext.set(name, loader);
    return loader.load(key);
  };
}

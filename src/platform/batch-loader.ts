import DataLoader from 'dataloader';

/**
 * One statement for what many objects of one answer ask for at the same moment: `load` gets the keys of all of them and gives a value for
 * each, in their order. `args` are what the field was asked with; equal ones share a statement.
 *
 * Nothing is remembered beyond the batch: a subscription keeps its context for hours, and must see every later state.
 */
export function createBatchLoader<Context extends object, Args, Key, Value>(
  load: (ctx: Context, args: Args, keys: readonly Key[]) => Promise<readonly Value[]>,
): (ctx: Context, args: Args, key: Key) => Promise<Value> {
  const loaders = new WeakMap<Context, Map<string, DataLoader<Key, Value>>>();
  return (ctx, args, key) => {
    let ofContext = loaders.get(ctx);
    if (!ofContext) loaders.set(ctx, (ofContext = new Map()));
    const name = JSON.stringify(args ?? null);
    let loader = ofContext.get(name);
    if (!loader) {
      loader = new DataLoader((keys) => load(ctx, args, keys), { cache: false, maxBatchSize: 500 });
      ofContext.set(name, loader);
    }
    return loader.load(key);
  };
}

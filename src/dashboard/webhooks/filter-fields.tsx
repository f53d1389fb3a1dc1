import { CheckGroup, TextField } from '../ui/fields.tsx';
import { eventField, type Filter, isRestricting, listed, lists, othersOf, stageField } from './webhook-filter.ts';

/** Which leads a webhook is told of. Fields combine with "and", the values of one with "or". */
export function FilterFields({ filter, stages }: { readonly filter: Filter; readonly stages: readonly string[] }) {
  const others = othersOf(filter);
  const { hasEvent } = filter;
  return (
    <details class="fold" open={isRestricting(filter)}>
      <summary>Only leads like these</summary>
      <div class="stack">
        <CheckGroup name={stageField} label="In a stage" options={stages.map((name) => [name, ''])} checked={listed(filter['stage'])} />
        <div class="field-columns">
          {lists.map(([name, label]) => (
            <TextField key={name} name={`filter.${name}`} label={label} value={listed(filter[name]).join(', ')} placeholder="Any" />
          ))}
          <TextField
            name={eventField}
            label="Event fired"
            value={typeof hasEvent === 'string' ? hasEvent : null}
            placeholder="Any, or none"
          />
        </div>
        {others.length > 0 && <p class="hint">Kept as it is: {others.map(([name, value]) => `${name} ${String(value)}`).join(', ')}.</p>}
      </div>
    </details>
  );
}

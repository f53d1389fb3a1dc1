import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useFieldProblem } from './field-issues.ts';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: ComponentChildren;
}

interface FrameProps extends FieldProps {
  readonly id: string;
  readonly problem: string | null;
  readonly children: ComponentChildren;
}

function Frame({ id, label, hint, problem, children }: FrameProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {problem !== null && (
        <span class="field-problem" id={`${id}-problem`}>
          {problem}
        </span>
      )}
    </div>
  );
}

function useField({ name, hint }: Pick<FieldProps, 'name' | 'hint'>) {
  const id = useId();
  const problem = useFieldProblem(name);
  const described = [hint === undefined ? null : `${id}-hint`, problem === null ? null : `${id}-problem`].filter(Boolean).join(' ');
  return {
    id,
    problem,
    attributes: { id, name, 'aria-invalid': problem === null ? undefined : true, 'aria-describedby': described || undefined } as const,
  };
}

interface TextFieldProps extends FieldProps {
  readonly required?: boolean;
  readonly value?: string | null;
  readonly placeholder?: string;
  readonly list?: string;
  /** An amount, written with a point. */
  readonly decimal?: boolean;
}

export function TextField({ name, label, hint, required = false, value, placeholder, list, decimal = false }: TextFieldProps) {
  const { id, problem, attributes } = useField({ name, hint });
  const amount = decimal ? { inputMode: 'decimal', pattern: String.raw`\d+(\.\d+)?`, title: 'A number like 12 or 12.50' } : {};
  return (
    <Frame {...{ id, name, label, hint, problem }}>
      <input
        type="text"
        {...attributes}
        {...amount}
        required={required}
        defaultValue={value ?? ''}
        placeholder={placeholder}
        list={list}
        autocomplete="off"
      />
    </Frame>
  );
}

interface TextAreaFieldProps extends FieldProps {
  readonly value?: string | null;
  readonly rows?: number;
  readonly code?: boolean;
}

export function TextAreaField({ name, label, hint, value, rows = 3, code = false }: TextAreaFieldProps) {
  const { id, problem, attributes } = useField({ name, hint });
  return (
    <Frame {...{ id, name, label, hint, problem }}>
      <textarea {...attributes} rows={rows} defaultValue={value ?? ''} class={code ? 'mono' : ''} spellcheck={!code} />
    </Frame>
  );
}

interface SelectFieldProps extends FieldProps {
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
}

export function SelectField({ name, label, hint, value, options }: SelectFieldProps) {
  const { id, problem, attributes } = useField({ name, hint });
  return (
    <Frame {...{ id, name, label, hint, problem }}>
      <select {...attributes}>
        {options.map(([option, text]) => (
          <option key={option} value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </Frame>
  );
}

interface CheckFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly checked?: boolean;
  /** What it stands for, where several boxes share a name. */
  readonly value?: string;
}

export function CheckField({ name, label, hint = '', checked = false, value }: CheckFieldProps) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value={value} defaultChecked={checked} />
      <span>
        {label} {hint !== '' && <span class="hint">{hint}</span>}
      </span>
    </label>
  );
}

interface CheckGroupProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly options: readonly (readonly [value: string, meaning: string])[];
  readonly checked: readonly string[];
}

/** Several of a few. */
export function CheckGroup({ name, label, hint, options, checked }: CheckGroupProps) {
  const problem = useFieldProblem(name);
  return (
    <fieldset class="check-group" data-invalid={problem === null ? undefined : 'true'} tabindex={problem === null ? undefined : -1}>
      <legend>{label}</legend>
      {hint !== undefined && <p class="hint">{hint}</p>}
      <div>
        {options.map(([option, meaning]) => (
          <CheckField key={option} name={name} value={option} label={option} hint={meaning} checked={checked.includes(option)} />
        ))}
      </div>
      {problem !== null && <p class="field-problem">{problem}</p>}
    </fieldset>
  );
}

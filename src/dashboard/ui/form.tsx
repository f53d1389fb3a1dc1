import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.tsx';
import { Notice } from './notice.tsx';
import type { Action } from './use-action.ts';

interface FormDialogProps {
  readonly title: string;
  readonly action: Pick<Action, 'busy' | 'problem'>;
  readonly submit: string;
  readonly onSubmit: (data: FormData) => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function FormDialog({ title, action, submit, onSubmit, onClose, children }: FormDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(new FormData(event.currentTarget));
        }}
      >
        {children}
        {action.problem !== null && <Notice kind="problem">{action.problem}</Notice>}
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={action.busy}>
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly value?: string;
}

export function TextField({ name, label, hint, required = false, value = '' }: TextFieldProps) {
  return (
    <label class="field">
      {label}
      <input type="text" name={name} required={required} defaultValue={value} autocomplete="off" />
      {hint !== undefined && <span class="hint">{hint}</span>}
    </label>
  );
}

export function CheckField({
  name,
  label,
  checked = false,
}: {
  readonly name: string;
  readonly label: string;
  readonly checked?: boolean;
}) {
  return (
    <label class="check">
      <input type="checkbox" name={name} defaultChecked={checked} />
      {label}
    </label>
  );
}

export const textOf = (data: FormData, name: string): string => {
  const value = data.get(name);
  return typeof value === 'string' ? value.trim() : '';
};

/** What was written with commas or spaces on lines in between. */
export const listOf = (data: FormData, name: string): readonly string[] =>
  textOf(data, name)
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');

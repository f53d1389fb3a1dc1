import { useState } from 'preact/hooks';
import { signIn, signInNote } from './session.ts';
import { useStore } from './store.ts';
import { Logo } from './ui/logo.tsx';
import { Notice } from './ui/notice.tsx';

export function SignIn({ note = null }: { readonly note?: string | null }) {
  const [key, setKey] = useState('');
  const remembered = useStore(signInNote);
  const said = note ?? remembered;
  return (
    <main class="alone">
      <form
        class="sign-in"
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== '') signIn(key.trim());
        }}
      >
        <Logo />
        <h1>Sign in</h1>
        <p class="muted">This server asks for an API key. It is kept until you close this tab.</p>
        {said !== null && <Notice kind="problem">{said}</Notice>}
        <label class="field">
          API key
          <input
            type="password"
            name="api-key"
            autocomplete="current-password"
            spellcheck={false}
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button primary" disabled={key.trim() === ''}>
          Sign in
        </button>
      </form>
    </main>
  );
}

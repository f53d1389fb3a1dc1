export function Logo() {
  return (
    <span class="logo">
      <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="currentColor" />
        <path d="M8 9h16l-6 7.5V24l-4-2v-5.5z" class="logo-mark" />
      </svg>
      Leadgraph
    </span>
  );
}

export function StageTag({ name }: { readonly name: string }) {
  return <span class="tag">{name}</span>;
}

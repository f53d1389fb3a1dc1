export interface PageProps {
  /** What the address holds behind the page's path, like the number of a lead. */
  readonly parameter: string | null;
}

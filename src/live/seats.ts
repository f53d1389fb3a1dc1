/** Places that are counted by name, so that nobody takes all of them. */
export interface Seats {
  /** A function that gives the place back; null: whoever has this name holds as many as one may. */
  readonly take: (name: string) => (() => void) | null;
}

export function createSeats(most: number): Seats {
  const taken = new Map<string, number>();
  return {
    take(name) {
      const count = taken.get(name) ?? 0;
      if (count >= most) return null;
      taken.set(name, count + 1);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        const left = (taken.get(name) ?? 1) - 1;
        if (left === 0) taken.delete(name);
        else taken.set(name, left);
      };
    },
  };
}

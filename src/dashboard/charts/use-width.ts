import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** The width that an element has, now and whenever it changes; 0 before it is known. */
export function useWidth<Target extends Element>(): readonly [RefObject<Target | null>, number] {
  const target = useRef<Target | null>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = target;
    if (!current) return undefined;
    setWidth(Math.floor(current.getBoundingClientRect().width));
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [target, width];
}

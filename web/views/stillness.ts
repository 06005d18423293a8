/** Hooks that keep the page still while its content changes: the focus stays somewhere, and nothing below a card moves up. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** When a change takes away the element that has the focus, the heading gets it. */
export function useKeptFocus(phase: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  const earlier = useRef(phase);
  useLayoutEffect(() => {
    const focused = document.activeElement;
    const isLost = focused === null || focused === document.body || focused.closest('[hidden]') !== null;
    if (earlier.current !== 'loading' && earlier.current !== phase && isLost) heading.current?.focus();
    earlier.current = phase;
  }, [phase]);
  return heading;
}

/** Keeps the height that a card has had, until the window gets another width. @param isFull whether it has its full content */
export function useKeptHeight(isFull: boolean) {
  const card = useRef<HTMLElement>(null);
  const height = useRef(0);
  useLayoutEffect(() => {
    if (card.current === null) return;
    if (isFull) {
      card.current.style.minHeight = '';
      height.current = card.current.offsetHeight;
    } else if (height.current > 0) {
      card.current.style.minHeight = `${height.current}px`;
    }
  });
  useEffect(() => {
    let width = innerWidth;
    const forget = () => {
      if (innerWidth === width) return;
      width = innerWidth;
      height.current = 0;
      if (card.current) card.current.style.minHeight = '';
    };
    addEventListener('resize', forget);
    return () => removeEventListener('resize', forget);
  }, []);
  return card;
}

/** The parts of a Markdown text that the tests look at: code blocks, prose, links and headings. */

export interface Block {
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  /** `sh`, `console`, `json`… */
  readonly language: string;
  /** The words after the language. GitHub ignores them. `local` and `aws` say where the block can run. */
  readonly marks: readonly string[];
  readonly text: string;
}

export interface Paragraph {
  /** Line of its first word, counted from 1. */
  readonly line: number;
  readonly text: string;
}

const fence = /^ *```/;

/** The fenced code blocks, without their indentation. */
export function blocksIn(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; indent: number; lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (fence.test(line)) {
      if (open === undefined) {
        open = { line: index + 1, info: line.trim().slice(3), indent: line.search(/\S/), lines: [] };
      } else {
        const [language = '', ...marks] = open.info.split(' ');
        blocks.push({ line: open.line, language, marks, text: open.lines.join('\n') });
        open = undefined;
      }
    } else {
      open?.lines.push(line.slice(Math.min(open.indent, Math.max(line.search(/\S/), 0))));
    }
  }
  return blocks;
}

/** The text with every line of a code block empty, so that line numbers stay. */
export function withoutBlocks(text: string): string {
  let isInside = false;
  return text
    .split('\n')
    .map((line) => {
      const isFence = fence.test(line);
      if (isFence) isInside = !isInside;
      return isFence || isInside ? '' : line;
    })
    .join('\n');
}

/**
 * The prose: paragraphs, list items and table cells. Headings and code blocks are left out, a piece of code in a line reads
 * as the word `code`, and a link as its words.
 */
export function paragraphsIn(text: string): Paragraph[] {
  const paragraphs: { line: number; text: string }[] = [];
  let current: { line: number; text: string } | undefined;
  for (const [index, raw] of withoutBlocks(text).split('\n').entries()) {
    const line = plain(raw).trim();
    if (line === '' || /^(#+ |<)/.test(line)) {
      current = undefined;
    } else if (line.startsWith('|')) {
      current = undefined;
      if (/^[|: -]+$/.test(line)) continue;
      for (const cell of line.split('|')) if (/\w/.test(cell)) paragraphs.push({ line: index + 1, text: cell.trim() });
    } else {
      const item = /^(?:[-*]|\d+\.) +(.*)$/.exec(line);
      if (current === undefined || item) {
        current = { line: index + 1, text: item?.[1] ?? line };
        paragraphs.push(current);
      } else {
        current.text += ` ${line}`;
      }
    }
  }
  return paragraphs;
}

function plain(line: string): string {
  return line
    .replace(/`[^`]*`/g, 'code')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|__/g, '');
}

/** The pieces of code in a line of prose. */
export const inlineCode = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

/** Targets of the links that stay within the project: a path, an anchor, or both. */
export const relativeLinks = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchors that GitHub gives to the headings; a repeated heading gets `-1`, `-2`… behind it. */
export function anchorsIn(text: string): string[] {
  const counts = new Map<string, number>();
  return [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => {
    const slug = plain(title.replaceAll('`', ''))
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

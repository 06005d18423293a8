/** Comments of TypeScript, shell scripts and Dockerfiles, as paragraphs. */
import type { Paragraph } from './markdown.ts';

/** A comment's text, without its signs; code in it reads as the word `code`, and a tag such as `@throws` is left out. */
export const commentsIn = (file: string, text: string): Paragraph[] =>
  file.endsWith('.ts') ? [...blockComments(text), ...lineComments(text, '//')] : lineComments(text, '#');

/** Only where blanks stand in front: the pattern `docs/**` is no comment. */
function blockComments(text: string): Paragraph[] {
  return [...text.matchAll(/(?<=^\s*|[ \t])\/\*\*?(.*?)\*\//gms)].flatMap((match) => {
    const first = text.slice(0, match.index).split('\n').length;
    const lines = (match[1] ?? '').split('\n').map((line) => line.replace(/^\s*\* ?/, '').trim());
    return joined(lines.map((line, index) => ({ line: first + index, text: line })));
  });
}

/** Comments on lines that follow each other are one paragraph. */
function lineComments(text: string, sign: '//' | '#'): Paragraph[] {
  const pattern = sign === '//' ? /^(.*?)(?<=^|\s)\/\/ (.*)$/ : /^(.*?)(?<=^|\s)#(?!!) (.*)$/;
  const lines = text.split('\n').map((line, index) => {
    const [, code = '', comment = ''] = pattern.exec(line) ?? [];
    const isOwnLine = code.trim() === '';
    return { line: index + 1, text: comment, isOwnLine };
  });
  const trailing = lines.filter(({ text: comment, isOwnLine }) => comment !== '' && !isOwnLine);
  const own = lines.map(({ isOwnLine, ...rest }) => (isOwnLine ? rest : { ...rest, text: '' }));
  return [...joined(own), ...joined(trailing.flatMap((line) => [line, { line: line.line, text: '' }]))];
}

function joined(lines: readonly Paragraph[]): Paragraph[] {
  const paragraphs: { line: number; text: string }[] = [];
  let isOpen = false;
  for (const { line, text } of lines) {
    const words = plain(text);
    const isTag = text.startsWith('@');
    const last = paragraphs.at(-1);
    if (words === '') isOpen = false;
    else if (isOpen && !isTag && last) last.text += ` ${words}`;
    else paragraphs.push({ line, text: words });
    isOpen = words !== '';
  }
  return paragraphs;
}

const plain = (text: string): string =>
  text
    .replace(/^@param \S+ ?|^@\w+ ?/, '')
    .replace(/`[^`]*`/g, 'code')
    .replace(/^[-*] |^\d+\. /, '')
    .trim();

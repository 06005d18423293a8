/** Thrown for wrong props and settings. The message has one sentence per line, each "… got X, expected Y". */
export class InvalidProps extends Error {
  override readonly name = 'InvalidProps';

  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
  }
}

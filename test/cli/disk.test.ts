/** A disk that takes no more files. */
import { expect, it } from 'vitest';
import { withAdvice } from '../../cli/state/files.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: no, write`), { code });

it('a file that the disk does not take is named, with what to do', () => {
  for (const [code, advice] of [
    ['ENOSPC', 'Make room on its disk.'],
    ['EDQUOT', 'Make room: your quota is used up.'],
    ['EROFS', 'Set XDG_STATE_HOME and XDG_CONFIG_HOME to folders that you may write.'],
  ] as const) {
    const error = withAdvice(failure(code), '/home/ann/session.json');
    expect(error).toMatchObject({
      message: `/home/ann/session.json cannot be written (${code}: no, write). ${advice}`,
      exitCode: 1,
    });
  }
});

it('another error of a file stays as it is', () => {
  const error = failure('EACCES');
  expect(withAdvice(error, '/home/ann/session.json')).toBe(error);
});

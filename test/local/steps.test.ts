import { expect, it } from 'vitest';
import { Steps } from '../../local/steps.ts';

const recorder = () => {
  let output = '';
  const steps = new Steps(
    (text) => {
      output += text;
    },
    (format, text) => `<${String(format)} ${text}>`,
  );
  return { steps, output: () => output };
};

it('shows the name of a step while its work goes on, and then its seconds', async () => {
  const { steps, output } = recorder();
  const { promise, resolve } = Promise.withResolvers<string>();
  const step = steps.show('synthesizing the stack', promise);
  expect(output()).toBe('synthesizing the stack ... ');
  resolve('done');
  expect(await step).toBe('done');
  expect(output()).toMatch(/^synthesizing the stack \.\.\. <dim \d+\.\d s>\n$/);
});

it('ends the line of a step that fails, and no other', async () => {
  const { steps, output } = recorder();
  steps.endLine();
  expect(output()).toBe('');
  await expect(steps.show('deploying it', Promise.reject(new Error('no')))).rejects.toThrow('no');
  steps.endLine();
  expect(output()).toBe('deploying it ... \n');
});

/** Holds docs/runbook.md to its form. test/lib/alarms.test.ts holds its sections to the alarms. */
import { expect, it } from 'vitest';
import { textOf } from './documents.ts';

it('each section of the runbook describes, investigates and resolves', async () => {
  const [, ...sections] = (await textOf('docs/runbook.md')).split(/^## /m);
  const headings = sections.map((section) => ({
    section: section.split('\n')[0],
    parts: [...section.matchAll(/^### (.*)$/gm)].map(([, part]) => part),
  }));
  expect(headings.length).toBeGreaterThan(5);
  const parts = ['Description', 'Investigation', 'Resolution'];
  expect(headings).toEqual(headings.map(({ section }) => ({ section, parts })));
});

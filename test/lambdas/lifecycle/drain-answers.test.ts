import { describe, expect, it } from 'vitest';
import { deployClosed } from '../../support/deploy.ts';
import { destroy } from '../../support/destroy.ts';
import { arjen } from '../../support/people.ts';
import { secondMs } from '../../support/time.ts';

describe('CloudFormation', () => {
  it.each(['Create', 'Update'] as const)(
    'is answered at once when it asks to %s, and no session changes',
    async (type) => {
      const bastions = await deployClosed();
      await bastions.call('POST /', arjen);
      const { functionError } = await bastions.invoke('Drain', bastions.cloudFormation.request(type));
      expect(functionError).toBeUndefined();
      expect(bastions.cloudFormation.answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'Drained1234' }]);
      expect(await bastions.rows()).toMatchObject([{ state: 'running' }]);
      expect(bastions.containers.running()).not.toEqual([]);
    },
  );

  it.each([2, 3])('is answered again after it refused the first %i answers', async (refusals) => {
    const bastions = await deployClosed();
    bastions.cloudFormation.refusals = refusals;
    expect((await destroy(bastions)).answer.Status).toBe('SUCCESS');
  });

  it.each([
    ['nothing', {}],
    ['an address that is not encrypted', { ResponseURL: 'http://169.254.169.254/' }],
  ])('is refused with %s, and no session changes', async (_, wrong) => {
    const bastions = await deployClosed();
    await bastions.call('POST /', arjen);
    const request = Object.keys(wrong).length === 0 ? {} : { ...bastions.cloudFormation.request('Delete'), ...wrong };
    expect((await bastions.invoke('Drain', request)).functionError).toBe('Unhandled');
    expect(await bastions.rows()).toMatchObject([{ state: 'running' }]);
  });

  it('has no address of its answers in the log', async () => {
    const bastions = await deployClosed({ delays: { deprovisioningMs: 902 * secondMs } });
    await bastions.call('POST /', arjen);
    await destroy(bastions);
    expect(bastions.logged.map(({ decision }) => decision)).toContain('draining waits');
    expect(JSON.stringify(bastions.logged)).not.toContain('Signature');
  });
});

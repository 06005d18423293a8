/** A function that may write rows may do nothing else with them. So the others must not do it for whoever takes that function over. */
import { AuthorizeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { type Session, sshAgentOf } from '../../../lambdas/core/session/session.ts';
import { deploy } from '../../support/deploy.ts';
import { type Deployment, isAllowed } from '../../support/deployment.ts';
import { arjen, berta } from '../../support/people.ts';
import { minuteMs } from '../../support/time.ts';

const stranger = '192.0.2.66';

/** Arjen's and Berta's bastions run, and Arjen's row is forged. */
async function forge(change: (arjens: Session, bertas: Session) => Partial<Session>) {
  const bastions: Deployment = await deploy();
  await bastions.call('POST /', arjen);
  await bastions.call('POST /', berta);
  const rows = await bastions.rows();
  const [arjens, bertas] = ['arjen', 'berta'].map((owner) => rows.find((row) => row.owner === owner));
  if (!arjens || !bertas) throw new Error('Got no row of one of the two, expected both.');
  await bastions.clock.run(bastions.sessions.save({ ...arjens, reapAt: 0, ...change(arjens, bertas) }));
  return { bastions, arjens, bertas };
}

describe('a forged row', () => {
  it.each([
    ['the whole Internet', ['0.0.0.0/0']],
    ['a network', ['192.0.2.0/24']],
    ['all of IPv6', ['::/0']],
    ['two addresses', [`${stranger}/32`, '192.0.2.67/32']],
    ['no address at all', ['everybody']],
  ])('that allows %s opens nothing', async (_, allowedCidrs) => {
    const { bastions, arjens } = await forge(() => ({ allowedCidrs }));
    await bastions.clock.advance(3 * minuteMs);
    expect(isAllowed(bastions, arjens.host ?? '', stranger)).toBe(false);
    expect(bastions.logged).toContainEqual(
      expect.objectContaining({ decision: 'session could not be reaped', sessionId: arjens.sessionId }),
    );
  });

  it.each([3389, 5432])('with the port %i opens nothing', async (port) => {
    const { bastions, arjens } = await forge((row) => ({
      agent: { ...sshAgentOf(row), port },
      allowedCidrs: [`${stranger}/32`],
    }));
    await bastions.clock.advance(3 * minuteMs);
    expect(bastions.containers.letsIn(arjens.host ?? '', { port, sourceIp: stranger })).toBe(false);
    expect(isAllowed(bastions, arjens.host ?? '', stranger)).toBe(false);
  });

  it('that names the group of another session opens it to nobody, and does not delete it', async () => {
    const { bastions, bertas } = await forge((_, { securityGroupId }) => ({
      ...(securityGroupId !== undefined && { securityGroupId }),
      allowedCidrs: [`${stranger}/32`],
    }));
    await bastions.clock.advance(2 * minuteMs);
    expect(isAllowed(bastions, bertas.host ?? '', stranger)).toBe(false);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    expect(bastions.aws.ec2.groups.all().map(({ id }) => id)).toContain(bertas.securityGroupId);
    expect(await bastions.call('GET /', berta)).toMatchObject({ status: 200, json: { state: 'running' } });
  });

  it('that names the task of another session does not stop it', async () => {
    const { bastions, arjens, bertas } = await forge((_, { taskArn }) => ({
      ...(taskArn !== undefined && { taskArn }),
    }));
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(5 * minuteMs);
    expect(await bastions.call('GET /', berta)).toMatchObject({ status: 200, json: { state: 'running' } });
    expect(await bastions.tasksAlive()).toMatchObject([{ taskArn: bertas.taskArn, sessionId: bertas.sessionId }]);
    expect(bastions.logged).toContainEqual(
      expect.objectContaining({ decision: 'row not believed', sessionId: arjens.sessionId }),
    );
  });
});

it('a rule of a stranger for the same address and another port is removed by the next look', async () => {
  const bastions = await deploy();
  const { json } = await bastions.call('POST /', arjen);
  const [row] = await bastions.rows();
  await bastions.clock.run(
    bastions.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: row?.securityGroupId,
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: 1, ToPort: 65535, IpRanges: [{ CidrIp: row?.allowedCidrs[0] }] },
        ],
      }),
    ),
  );
  const [sourceIp = ''] = (row?.allowedCidrs[0] ?? '').split('/');
  expect(bastions.containers.letsIn(json.host, { port: 8080, sourceIp })).toBe(true);
  await bastions.clock.advance(6 * minuteMs);
  expect(bastions.containers.letsIn(json.host, { port: 8080, sourceIp })).toBe(false);
  expect(isAllowed(bastions, json.host, sourceIp)).toBe(true);
});

/** Puts many bastions into a deployment by hand: each with its group, its task and its row, and without the requests for it. */
import { RunTaskCommand } from '@aws-sdk/client-ecs';
import { rulesOf } from '../../emulator/ec2/rules.ts';
import { markAccepted, markReady, newSession, noteAddress, type Session } from '../../lambdas/core/session/session.ts';
import type { Deployment } from './deployment.ts';
import { home } from './people.ts';
import { stackTag } from './resources.ts';
import { hourMs, secondMs } from './time.ts';

/** Fargate starts twenty tasks a second. */
const betweenMs = 60;
const port = 22;

export const nthSessionId = (n: number): string => `0badcafe-0000-4000-9000-${String(n).padStart(12, '0')}`;

/** @param change the last word on each row @returns the rows, oldest first */
export async function putSessions(
  bastions: Deployment,
  count: number,
  change: (session: Session, n: number) => Session = (session) => session,
): Promise<readonly Session[]> {
  const { aws, clock } = bastions;
  const { arn: taskDefinition } = aws.ecs.registerTaskDefinition({
    family: 'by-hand',
    containerDefinitions: [{ name: 'by-hand', image: 'by-hand:1' }],
  });
  const put = async (n: number) => {
    await clock.sleep(n * betweenMs);
    return putSession(bastions, taskDefinition, n, change);
  };
  return clock.run(Promise.all(Array.from({ length: count }, (_, n) => put(n))));
}

async function putSession(
  { aws, clock, ecs, cluster, stack, sessions }: Deployment,
  taskDefinition: string,
  n: number,
  change: (session: Session, n: number) => Session,
): Promise<Session> {
  const sessionId = nthSessionId(n);
  const cidr = `${home}/32`;
  const session = newSession(
    {
      sessionId,
      owner: `user${n}`,
      claim: `user#user${n}`,
      agent: { kind: 'ssh', publicKey: 'ssh-ed25519 AAAA', port, keyFingerprint: 'SHA256:AAAA', hostKeys: [] },
      allowedCidrs: [cidr],
      ttlSeconds: (24 * hourMs) / secondMs,
      maxLifetimeSeconds: (24 * hourMs) / secondMs,
    },
    clock.now(),
  );
  const tags = new Map(Object.entries({ ...stackTag, 'bastion:session': sessionId, 'bastion:owner': `user${n}` }));
  const { id: securityGroupId } = aws.ec2.groups.create({
    name: `bastion-${sessionId}`,
    description: 'by hand',
    vpcId: stack.vpcs[0]?.vpcId ?? '',
    tags,
  });
  const permission = { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: cidr }], Ipv6Ranges: [] };
  aws.ec2.groups.authorize(securityGroupId, rulesOf([permission]));
  const { tasks = [] } = await ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition,
      launchType: 'FARGATE',
      startedBy: sessionId,
      tags: [...tags].map(([key, value]) => ({ key, value })),
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [stack.subnets[0]?.subnetId ?? ''], securityGroups: [securityGroupId] },
      },
    }),
  );
  const launch = {
    startedAt: session.createdAt,
    taskArn: tasks[0]?.taskArn ?? '',
    securityGroupId,
    openCidrs: [cidr],
    mayReappear: false,
  };
  const accepted = markAccepted(session, launch, clock.now());
  const up = change(markReady(noteAddress(accepted, `198.51.100.${n % 250}`), clock.now()), n);
  await sessions.create(up);
  return up;
}

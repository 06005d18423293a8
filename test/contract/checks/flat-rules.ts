import {
  AuthorizeSecurityGroupIngressCommand,
  type AuthorizeSecurityGroupIngressCommandInput,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { type Check, type Operation, outcomeOf } from '../check.ts';
import { describeGroup, newGroup } from '../security-group.ts';

const ann = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '198.51.100.4/32' };
const permission = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '203.0.113.9/32' }] };

/** Checks the outcome of a request in a new group, and the sources that the group allows afterwards. */
const adding = (
  request: Partial<AuthorizeSecurityGroupIngressCommandInput>,
  aws: { readonly outcome: string; readonly sources: readonly string[] },
): Check => ({
  aws,
  async observe(account) {
    const GroupId = await newGroup(account, (await account.network()).vpcId);
    const command = new AuthorizeSecurityGroupIngressCommand({ GroupId, ...request });
    const outcome = await outcomeOf(account.ec2.send(command));
    const { IpPermissions = [] } = await describeGroup(account, GroupId);
    const sources = IpPermissions.flatMap(({ IpRanges = [] }) => IpRanges.map(({ CidrIp }) => CidrIp));
    return { outcome, sources };
  },
});

/** A rule whose parts stand in the request itself, as programs of older days send it. */
export const flatRules: Operation = {
  name: 'EC2 AuthorizeSecurityGroupIngress (one rule)',
  checks: {
    'allows one source': adding(ann, { outcome: 'accepted', sources: [ann.CidrIp] }),
    'refuses a rule in both forms': adding(
      { ...ann, IpPermissions: [permission] },
      { outcome: 'InvalidParameterCombination 400', sources: [] },
    ),
    'refuses a rule without a source': adding(
      { ...ann, CidrIp: undefined },
      { outcome: 'MissingParameter 400', sources: [] },
    ),
    'refuses a change without a rule': adding({}, { outcome: 'MissingParameter 400', sources: [] }),
    'RevokeSecurityGroupIngress takes the same form': {
      aws: [],
      async observe(account) {
        const GroupId = await newGroup(account, (await account.network()).vpcId);
        await account.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, ...ann }));
        await account.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, ...ann }));
        return (await describeGroup(account, GroupId)).IpPermissions;
      },
    },
  },
};

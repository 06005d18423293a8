import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Capture, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { Bastions, type BastionsProps } from '../../lib/index.ts';
import { defaults } from '../../lib/settings/rules.ts';
import { bundles, root } from './synthesize.ts';

const newStack = (name = 'Mine') =>
  new Stack(new App({ analyticsReporting: false, builtinCloudFormationValidation: false }), name);

type Props = Omit<BastionsProps, 'bundles'>;

const withProps = (props: Props) => new Bastions(newStack(), 'Bastions', { bundles, ...props });

describe('the construct Bastions', () => {
  it.each<[message: string, props: Props]>([
    ['prop cpu: got 300, expected a Fargate size', { cpu: 300 }],
    ['prop maxSessions: got 1.5, expected a whole number from 1 to 500', { maxSessions: 1.5 }],
    ['prop sshPort: got "30-20", expected a port or a range of ports', { sshPort: { first: 30, last: 20 } }],
    ['prop sshLogin: got "Root User", expected a login', { sshLogin: 'Root User' }],
    ['prop maxTtl: got "2d", expected at most the prop maxLifetime', { maxTtl: Duration.days(2) }],
    ['prop defaultTtl: got "1.5s", expected a number of seconds', { defaultTtl: Duration.millis(1500) }],
    ['prop maxTtl: got "8h", expected at most the prop maxLifetime', { maxLifetime: Duration.hours(1) }],
    ['prop webhookTtl: got "400d", expected a number of seconds', { webhookTtl: Duration.days(400) }],
    ['prop agents: got "ssm", expected ssh among them', { agents: ['ssm'] }],
    ['prop subnetIds: got "", expected subnet ids', { vpcId: 'vpc-0123abcd', subnetIds: [] }],
    [
      'expected at most 16 subnets, as many as a Fargate task takes',
      { vpcId: 'vpc-0123abcd', subnetIds: Array.from({ length: 17 }, (_, n) => `subnet-000000${n + 10}`) },
    ],
    ['prop logRetention: got 9999, expected one of 1, 3, 5', { logRetention: RetentionDays.INFINITE }],
    ['prop poolSize: got 5, expected less than the prop maxSessions', { poolSize: 5, maxSessions: 5 }],
    ['prop poolHours: got "Mon", expected always, or hours such as Mon-Fri', { poolSize: 1, poolHours: 'Mon' }],
    ['prop poolMaxAge: got "1h", expected the prop poolSize beside it', { poolMaxAge: Duration.hours(1) }],
    ['prop idleEnd: got "1m", expected at least five minutes', { idleEnd: Duration.minutes(1) }],
    ['prop admins: got "*", expected ARN patterns', { admins: ['*'] }],
  ])('says %s', (message, props) => {
    expect(() => withProps(props)).toThrow(message);
  });

  it('refuses all wrong props at once', () => {
    expect(() => withProps({ cpu: 1, sshLogin: '' })).toThrow(/^prop sshLogin: .*\nprop cpu: .*$/);
  });

  it('refuses a stack whose name leaves no room for its functions’ names', () => {
    const stack = newStack('A'.repeat(57));
    expect(() => new Bastions(stack, 'Bastions', { bundles })).toThrow('prop stackName: got "AAA');
  });

  it('refuses to be the second in a stack', () => {
    const stack = Stack.of(withProps({}));
    expect(() => new Bastions(stack, 'Others', { bundles })).toThrow(
      'Got a second Bastions, Mine/Others, in the stack Mine beside Mine/Bastions',
    );
  });

  it.each<[string, (vpc: ec2.Vpc) => Props]>([
    ['', (vpc) => ({ vpc })],
    [' by its tokens', ({ vpcId, publicSubnets }) => ({ vpcId, subnetIds: publicSubnets.map((one) => one.subnetId) })],
  ])('takes a VPC with its public subnets%s and a topic of the same app', (_, propsFor) => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
    const { topicArn } = new Topic(stack, 'Topic');
    new Bastions(stack, 'Bastions', { bundles, ...propsFor(vpc), alarmTopicArn: topicArn });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::VPC', 1);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          VPC_ID: { Ref: Match.stringLikeRegexp('^Vpc') },
          SUBNET_IDS: {
            'Fn::Join': ['', [{ Ref: Match.stringLikeRegexp('PublicSubnet1') }, ',', { Ref: Match.anyValue() }]],
          },
        },
      },
    });
  });

  it('takes some of the subnets of a VPC', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { natGateways: 0 });
    new Bastions(stack, 'Bastions', { bundles, vpc, subnetIds: ['subnet-0123abcd'] });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { SUBNET_IDS: 'subnet-0123abcd' } },
    });
  });

  it('refuses a VPC twice, a VPC without public subnets, and what is no VPC', () => {
    const stack = newStack();
    const subnetConfiguration = [{ name: 'Inner', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }];
    const vpc = new ec2.Vpc(stack, 'Vpc', { subnetConfiguration });
    const subnet: unknown = vpc.isolatedSubnets[0];
    const make = (id: string, props: object) => () =>
      new Bastions(new Stack(stack, id), 'Bastions', { bundles, ...props });
    expect(make('Twice', { vpc, vpcId: 'vpc-0123abcd' })).toThrow(
      'prop vpcId: got "vpc-0123abcd", expected nothing, because the prop vpc names a VPC already',
    );
    expect(make('Inner', { vpc })).toThrow(
      'prop vpc: got "Mine/Vpc", which has no public subnet, expected a VPC with one',
    );
    expect(make('Subnet', { vpc: subnet })).toThrow(
      'prop vpc: got "Mine/Vpc/InnerSubnet1", expected a VPC of aws-cdk-lib',
    );
  });

  it('builds the functions’ bundles in a checkout, the same ones', () => {
    const [given, built] = [{ bundles }, {}].map((props) => {
      const stack = newStack();
      new Bastions(stack, 'Bastions', { imageUpdates: '2026-11', ...props });
      return Template.fromStack(stack).toJSON();
    });
    expect(built).toEqual(given);
  });
});

describe('the public subnets that CDK looks up', () => {
  /** The SUBNET_IDS of the start function, in a VPC with these subnets. */
  const subnetIdsIn = (subnets: readonly { zone: string; id: string }[]) => {
    const lookup =
      'vpc-provider:account=123456789012:filter.vpc-id=vpc-0123abcd:region=eu-west-1:returnAsymmetricSubnets=true';
    const found = subnets.map(({ zone, id }) => ({
      subnetId: id,
      availabilityZone: zone,
      routeTableId: 'rtb-0123abcd',
    }));
    const vpc = {
      vpcId: 'vpc-0123abcd',
      availabilityZones: [],
      subnetGroups: [{ name: 'Public', type: 'Public', subnets: found }],
    };
    const app = new App({
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
      context: { [lookup]: vpc },
    });
    const stack = new Stack(app, 'Mine', { env: { account: '123456789012', region: 'eu-west-1' } });
    new Bastions(stack, 'Bastions', { bundles, vpcId: 'vpc-0123abcd' });
    const subnetIds = new Capture();
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { SUBNET_IDS: subnetIds } },
    });
    return subnetIds.asString().split(',');
  };
  const subnetsOf = (zone: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ zone, id: `${zone}${n}` }));

  it('are all used, one of each zone first', () => {
    expect(subnetIdsIn([...subnetsOf('a', 3), ...subnetsOf('b', 1)])).toEqual(['a0', 'b0', 'a1', 'a2']);
  });

  it('are cut to 16, and no zone is left out', () => {
    const subnetIds = subnetIdsIn([...subnetsOf('a', 20), ...subnetsOf('b', 1), ...subnetsOf('c', 2)]);
    expect(subnetIds).toHaveLength(16);
    expect(subnetIds.slice(0, 5)).toEqual(['a0', 'b0', 'c0', 'a1', 'c1']);
  });
});

describe('each prop', () => {
  const docs = async () => {
    const files = ['network', 'bastions', 'sign-in', 'pool', 'operation'].map((part) => `lib/${part}-props.ts`);
    const sources = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
    const bodies = sources.map(
      (source) => source.split(/^export interface (?:Network|Bastions|SignIn|Pool|Operation)Props .*\{\n/m)[1],
    );
    const props = [...bodies.join('').matchAll(/^ {2}\/\*\*\n(.*?)\*\/\n {2}readonly (\w+)\??:/gms)];
    return props.map(([, text = '', name = '']) => ({ name, text, default: /@default (.*)$/m.exec(text)?.[1] }));
  };

  /** A default as a program writes it. */
  const literalOf = (name: string, value: unknown): string => {
    if (name === 'logRetention' && typeof value === 'number') return `RetentionDays.${RetentionDays[value]}`;
    if (value instanceof Duration)
      return value.toHours() > 24 ? `Duration.days(${value.toDays()})` : `Duration.hours(${value.toHours()})`;
    return JSON.stringify(value).replaceAll('"', "'").replaceAll(',', ', ');
  };

  it('is documented with its default', async () => {
    const documented = await docs();
    const { stackName: _, ...ofProps } = defaults;
    const names = documented.map(({ name }) => name);
    expect(names).toContain('bundles');
    expect(names.filter((name) => name !== 'bundles')).toEqual(Object.keys(ofProps));
    for (const { name, default: text } of documented) {
      const value = ofProps[name];
      const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
      if (isEmpty) expect(text, name).toMatch(/^- \S/);
      else expect(text, name).toBe(literalOf(name, value));
    }
  });
});

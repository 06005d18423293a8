import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, onTestFinished, test, vi } from 'vitest';
import { inProcess } from '../../emulator/in-process.ts';
import { emulated, vpcId } from './emulated.ts';

test('an SDK client in process ignores the settings of the environment', async () => {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv('AWS_USE_DUALSTACK_ENDPOINT', 'true');
  const { clock, aws } = emulated();
  const ec2 = new EC2Client(inProcess(aws, clock));
  const { Vpcs } = await clock.run(ec2.send(new DescribeVpcsCommand({})));
  expect(Vpcs).toMatchObject([{ VpcId: vpcId }]);
});

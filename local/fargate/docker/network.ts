import { BlockList } from 'node:net';
import { basename } from 'node:path';
import * as v from 'valibot';
import type { Docker } from './cli.ts';
import { removeNetwork, runLabels } from './run-labels.ts';

/** The private network of a run's containers, as a bridge of this machine. */
export interface BridgeNetwork {
  readonly name: string;
  /** This machine's address on the network. */
  readonly machineIp: string;
  /** Whether an address is a container's. */
  isContainer(ip: string): boolean;
  remove(): Promise<void>;
}

const ipamConfigs = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ Subnet: v.string(), Gateway: v.optional(v.string()) })),
);

/** Makes a network whose containers reach the world and this machine, but not each other. */
export async function makeNetwork(docker: Docker, folder: string): Promise<BridgeNetwork> {
  const name = `bastions-${basename(folder)}`;
  const labels = Object.entries(runLabels(folder)).flatMap(([label, value]) => ['--label', `${label}=${value}`]);
  const noTraffic = ['--opt', 'com.docker.network.bridge.enable_icc=false'];
  await docker.run(['network', 'create', '--driver', 'bridge', ...noTraffic, ...labels, name]);
  const configs = v.parse(
    ipamConfigs,
    await docker.run(['network', 'inspect', '--format', '{{json .IPAM.Config}}', name]),
  );
  const config = configs.find(({ Subnet }) => /^[\d.]+\/\d+$/.test(Subnet));
  if (config?.Gateway === undefined) {
    throw new Error(
      `Docker made the network ${name} with ${JSON.stringify(configs)}, expected a gateway's IPv4 address.`,
    );
  }
  const machineIp = config.Gateway;
  const [prefix = '', bits] = config.Subnet.split('/');
  const subnet = new BlockList();
  subnet.addSubnet(prefix, Number(bits));
  return {
    name,
    machineIp,
    // Programs of this machine come from the machine's own address.
    isContainer: (ip) => ip !== machineIp && subnet.check(ip),
    remove: () => removeNetwork(docker, name),
  };
}

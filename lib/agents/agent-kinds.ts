import { webhookAgents } from '../../contracts/agent.ts';

/** `ssh` is for people. */
export const agentKinds = ['ssh', ...webhookAgents] as const;

export type AgentKind = (typeof agentKinds)[number];

/**
 * What is particular to the image of each kind: the setting that names a ready one; otherwise the setting, and the
 * Dockerfile's argument it becomes, that says what to build it from; and the processor. The vendor has built the bzero
 * agents for x86_64 only; everything else runs on arm64, which costs a fifth less.
 */
export const agentImages = {
  ssh: { image: 'sshImage', source: 'sshBaseImage', argument: 'BASE_IMAGE', processor: 'arm64' },
  ssm: { image: 'ssmImage', source: 'ssmPackageUrl', argument: 'PACKAGE_URL', processor: 'arm64' },
  'bzero-ssm': {
    image: 'bzeroSsmImage',
    source: 'bzeroSsmPackageSource',
    argument: 'PACKAGE_URL',
    processor: 'x86_64',
  },
  bzero: { image: 'bzeroImage', source: 'bzeroPackageSource', argument: 'PACKAGE_URL', processor: 'x86_64' },
} as const;

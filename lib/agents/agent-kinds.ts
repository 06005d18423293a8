/**
 * The image of each kind.
 * `image`: the prop that names a ready one.
 * `source`: the prop that says what a build starts from, and `argument`: its argument in the Dockerfile.
 * `checksum`: the prop with the SHA-256 of that source. A base image has its digest in its name.
 */
export const agentImages = {
  ssh: { image: 'sshImage', source: 'sshBaseImage', argument: 'BASE_IMAGE', checksum: undefined },
  ssm: { image: 'ssmImage', source: 'ssmPackageUrl', argument: 'PACKAGE_URL', checksum: 'ssmPackageSha256' },
  'bzero-ssm': {
    image: 'bzeroSsmImage',
    source: 'bzeroSsmPackageSource',
    argument: 'PACKAGE_URL',
    checksum: 'bzeroSsmPackageSha256',
  },
  bzero: { image: 'bzeroImage', source: 'bzeroPackageSource', argument: 'PACKAGE_URL', checksum: 'bzeroPackageSha256' },
} as const;

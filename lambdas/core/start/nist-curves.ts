/** The NIST curves of SSH keys, for the one question whether a point lies on its curve. FIPS 186-5, SP 800-186. */

interface Curve {
  /** Length of a coordinate, in bytes. */
  readonly bytes: number;
  readonly p: bigint;
  readonly b: bigint;
  /** Number of the points. */
  readonly n: bigint;
}

/** In all of them a = -3, and the cofactor is 1, so every point on the curve could be a public key. */
export const curves: Readonly<Record<string, Curve>> = {
  nistp256: {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  nistp384: {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  nistp521: {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    n: 0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
};

/**
 * Tells whether the bytes are an uncompressed point (SEC 1, section 2.3.3) on the named curve. OpenSSH takes no other form, and no
 * coordinate that is far too small for a key, or as large as the number of points.
 */
export function isPointOn(curveName: string, point: Uint8Array): boolean {
  const curve = curves[curveName];
  if (!curve || point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) return false;
  const { bytes, p, b } = curve;
  const x = toInteger(point.subarray(1, 1 + bytes));
  const y = toInteger(point.subarray(1 + bytes));
  return isCoordinate(curve, x) && isCoordinate(curve, y) && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}

/** https://github.com/openssh/openssh-portable/blob/master/sshkey.c, sshkey_ec_validate_public */
const isCoordinate = ({ n }: Curve, value: bigint): boolean =>
  value < n - 1n && value >> BigInt(Math.floor(n.toString(2).length / 2)) > 0n;

/** Big-endian, unsigned. */
export const toInteger = (bytes: Uint8Array): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

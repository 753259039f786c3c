// A Sigstore on loopback: Fulcio, its certificate transparency log and the timestamp authority of @sigstore/mock, and both versions of Rekor.
// Writes trusted_root.json and a signing configuration for each version of Rekor into the working folder, then its port on standard output.
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const mock = require('@sigstore/mock');
const canonicalize = require('canonicalize');
const pkijs = require('pkijs');

const sha256 = bytes => crypto.createHash('sha256').update(bytes).digest();
const ecKeys = () => crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const spki = pair => pair.publicKey.export({ type: 'spki', format: 'der' });
const json = (statusCode, body) => ({ statusCode, contentType: 'application/json', response: JSON.stringify(body) });

async function main() {
  const server = http.createServer();
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const origin = `127.0.0.1:${server.address().port}`;
  const base = `http://${origin}`;

  const [ctKeys, logKeys] = [ecKeys(), ecKeys()];
  const tileKeys = crypto.generateKeyPairSync('ed25519');
  const tileKeyId = sha256(Buffer.concat([Buffer.from(`${origin}\n`), Buffer.from([1]), spki(tileKeys).subarray(-32)]));
  const ct = await mock.initializeCTLog(ctKeys);
  const ca = await mock.initializeCA(ecKeys(), ct);
  const log = await mock.initializeTLog(base, logKeys);
  const tsa = await mock.initializeTSA(ecKeys());
  // The mock writes fractions of a second in a form that is no valid GeneralizedTime: keep to whole seconds.
  tsa.getCurrentTime = () => new Date(Math.floor(Date.now() / 1000) * 1000);

  writeConfiguration();
  const tree = new Tree();
  const routes = {
    '/api/v2/signingCert': body => mock.fulcioHandler(ca).fn(body.toString()),
    '/api/v1/timestamp': timestamp,
    '/api/v1/log/entries': body => mock.rekorHandler(log).fn(JSON.stringify(canonicalEntry(JSON.parse(body)))),
    '/api/v2/log/entries': body => json(201, tileEntry(JSON.parse(body))),
  };
  server.on('request', (request, response) => {
    const chunks = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', async () => {
      try {
        const route = routes[request.url];
        const answer = route ? await route(Buffer.concat(chunks)) : json(404, { message: 'no such service' });
        response.writeHead(answer.statusCode, { 'content-type': answer.contentType || 'text/plain' });
        response.end(answer.response);
      } catch (e) {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ message: String(e) }));
      }
    });
  });
  console.log(server.address().port);

  // sigstore-js asks in JSON, everybody else in DER.
  async function timestamp(body) {
    if (body[0] === 0x7b) return mock.tsaHandler(tsa).fn(body.toString());
    const query = pkijs.TimeStampReq.fromBER(body);
    const response = await tsa.timestamp({
      artifactHash: Buffer.from(query.messageImprint.hashedMessage.valueBlock.valueHexView),
      hashAlgorithmOID: query.messageImprint.hashAlgorithm.algorithmId,
      nonce: query.nonce ? Number(BigInt('0x' + Buffer.from(query.nonce.valueBlock.valueHexView).toString('hex'))) : 1,
      policyOID: '1.3.6.1.4.1.57264.2',
      certReq: !!query.certReq,
    });
    return { statusCode: 201, contentType: 'application/timestamp-reply', response };
  }

  // The mock echoes proposals; a log stores an envelope by its hashes.
  function canonicalEntry(entry) {
    if (entry.kind !== 'dsse') return entry;
    const { envelope, verifiers } = entry.spec.proposedContent;
    const { payload, signatures } = JSON.parse(envelope);
    entry.spec = {
      envelopeHash: { algorithm: 'sha256', value: sha256(Buffer.from(envelope)).toString('hex') },
      payloadHash: { algorithm: 'sha256', value: sha256(Buffer.from(payload, 'base64')).toString('hex') },
      signatures: signatures.map((s, i) => ({ signature: s.sig, verifier: verifiers[i] })),
    };
    return entry;
  }

  function tileEntry(request) {
    const message = request.hashedRekordRequestV002;
    const dsse = request.dsseRequestV002;
    const kind = message ? 'hashedrekord' : 'dsse';
    const spec = message
      ? { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest: message.digest }, signature: message.signature } }
      : { dsseV002: {
          payloadHash: { algorithm: 'SHA2_256', digest: sha256(Buffer.from(dsse.envelope.payload, 'base64')).toString('base64') },
          signatures: dsse.envelope.signatures.map((s, i) => ({ content: s.sig, verifier: dsse.verifiers[i] })),
        } };
    const body = Buffer.from(canonicalize({ apiVersion: '0.0.2', kind, spec }));
    const index = tree.add(body);
    const note = `${origin}\n${tree.size}\n${tree.root().toString('base64')}\n`;
    const signature = Buffer.concat([tileKeyId.subarray(0, 4), crypto.sign(null, Buffer.from(note), tileKeys.privateKey)]);
    return {
      logIndex: String(index),
      logId: { keyId: tileKeyId.toString('base64') },
      kindVersion: { kind, version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: {
        logIndex: String(index),
        rootHash: tree.root().toString('base64'),
        treeSize: String(tree.size),
        hashes: tree.path(index).map(h => h.toString('base64')),
        checkpoint: { envelope: `${note}\n\u2014 ${origin} ${signature.toString('base64')}\n` },
      },
      canonicalizedBody: body.toString('base64'),
    };
  }

  function writeConfiguration() {
    const start = '2020-01-01T00:00:00Z';
    const key = (pair, url, keyDetails, keyId) => ({
      baseUrl: url,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: spki(pair).toString('base64'), keyDetails, validFor: { start } },
      logId: { keyId: keyId.toString('base64') },
    });
    const authority = (uri, ...certificates) => ({
      subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
      uri,
      certChain: { certificates: certificates.map(c => ({ rawBytes: c.toString('base64') })) },
      validFor: { start },
    });
    const ecdsa = 'PKIX_ECDSA_P256_SHA_256';
    write('trusted_root.json', {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [key(logKeys, base, ecdsa, sha256(spki(logKeys))), key(tileKeys, base, 'PKIX_ED25519', tileKeyId)],
      certificateAuthorities: [authority(base, ca.rootCertificate)],
      ctlogs: [key(ctKeys, `${base}/ct`, ecdsa, sha256(spki(ctKeys)))],
      timestampAuthorities: [authority(`${base}/api/v1/timestamp`, tsa.intCertificate, tsa.rootCertificate)],
    });
    const service = (url, majorApiVersion) => ({ url, majorApiVersion, validFor: { start }, operator: 'loopback' });
    for (const version of [1, 2]) {
      write(`signing_config.rekor${version}.json`, {
        mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
        caUrls: [service(base, 1)],
        rekorTlogUrls: [service(base, version)],
        tsaUrls: [service(`${base}/api/v1/timestamp`, 1)],
        rekorTlogConfig: { selector: 'ANY' },
        tsaConfig: { selector: 'ANY' },
      });
    }
  }
}

// A Merkle tree (RFC 6962, section 2.1) that is recomputed each time: it never holds more than a test's entries.
class Tree {
  leaves = [];
  get size() { return this.leaves.length; }
  add(body) { return this.leaves.push(sha256(Buffer.concat([Buffer.from([0]), body]))) - 1; }
  root(leaves = this.leaves) {
    if (leaves.length === 1) return leaves[0];
    const split = Tree.split(leaves.length);
    return sha256(Buffer.concat([Buffer.from([1]), this.root(leaves.slice(0, split)), this.root(leaves.slice(split))]));
  }
  path(index, leaves = this.leaves) {
    if (leaves.length === 1) return [];
    const split = Tree.split(leaves.length);
    return index < split
      ? [...this.path(index, leaves.slice(0, split)), this.root(leaves.slice(split))]
      : [...this.path(index - split, leaves.slice(split)), this.root(leaves.slice(0, split))];
  }
  static split(length) {
    let split = 1;
    while (split * 2 < length) split *= 2;
    return split;
  }
}

const write = (name, content) => fs.writeFileSync(name, JSON.stringify(content, null, 2));
main();

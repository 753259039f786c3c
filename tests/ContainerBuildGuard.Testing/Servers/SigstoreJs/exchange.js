// node exchange.js sign   PORT TOKEN (message|statement) (1|2) (tsa|no-tsa) CONTENT BUNDLE
// node exchange.js verify TRUSTED_ROOT SUBJECT ISSUER BUNDLE [CONTENT]
const fs = require('fs');
const { bundleFromJSON, bundleToJSON } = require('@sigstore/bundle');
const { DSSEBundleBuilder, FulcioSigner, MessageSignatureBundleBuilder, RekorWitness, TSAWitness } = require('@sigstore/sign');
const { TrustedRoot } = require('@sigstore/protobuf-specs');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');

const commands = {
  async sign(port, token, kind, version, tsa, content, out) {
    const base = `http://127.0.0.1:${port}`;
    const signer = new FulcioSigner({ fulcioBaseURL: base, identityProvider: { getToken: async () => token } });
    const witnesses = [new RekorWitness({ rekorBaseURL: base, majorApiVersion: Number(version) })];
    if (tsa === 'tsa') witnesses.push(new TSAWitness({ tsaBaseURL: base }));
    const data = fs.readFileSync(content);
    const bundle = kind === 'message'
      ? await new MessageSignatureBundleBuilder({ signer, witnesses }).create({ data })
      : await new DSSEBundleBuilder({ signer, witnesses, certificateChain: false }).create({ data, type: 'application/vnd.in-toto+json' });
    fs.writeFileSync(out, JSON.stringify(bundleToJSON(bundle)));
  },
  async verify(root, subjectAlternativeName, issuer, file, content) {
    const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(fs.readFileSync(root))));
    const bundle = bundleFromJSON(JSON.parse(fs.readFileSync(file)));
    const entity = toSignedEntity(bundle, content ? fs.readFileSync(content) : undefined);
    new Verifier(trust, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 }).verify(entity, { subjectAlternativeName, extensions: { issuer } });
  },
};

const [, , command, ...args] = process.argv;
commands[command](...args).catch(e => {
  console.error(`${e.name} ${e.code || ''} ${e.message} ${e.cause ? e.cause.message : ''}`);
  process.exit(1);
});

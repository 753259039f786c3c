using System.Globalization;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Nothing that counts in a good envelope can be changed, nor its end cut off, without being noticed.</summary>
[TestClass]
public sealed class FlippedByteTests
{
    [TestMethod]
    [DataRow(NotationFixture.Jws)]
    [DataRow(NotationFixture.Cose)]
    public async Task An_envelope_with_one_flipped_byte_never_verifies(string kind)
    {
        await using var fixture = new NotationFixture();
        var forged = fixture.Forge();
        var stamp = fixture.Stamp();
        forged.Timestamp = stamp.Token;
        var envelope = forged.Write(kind, fixture.Signer);
        using var trust = fixture.Trust(NotationFixture.WithTimestamps());
        Assert.IsNotNull((await fixture.CheckAsync(envelope, kind, trust)).Verified);
        var whole = NotationEnvelope.Parse(kind, envelope);
        var accepted = new List<string>();
        for (var i = 0; i < envelope.Length; i++)
        {
            var mask = (byte)(i % 2 == 0 ? 0x01 : 0x20);
            envelope[i] ^= mask;
            if ((await fixture.CheckAsync(envelope, kind, trust)).Verified is not null && !SaysTheSame(NotationEnvelope.Parse(kind, envelope), whole))
            {
                accepted.Add(string.Create(CultureInfo.InvariantCulture, $"byte {i} ^ {mask}"));
            }

            envelope[i] ^= mask;
            if (i % 16 == 0)
            {
                Assert.IsNull((await fixture.CheckAsync(envelope[..i], kind, trust)).Verified, $"cut at {i}");
            }
        }

        Assert.IsEmpty(accepted, string.Join('\n', accepted.Take(20)));
    }

    /// <summary>The signing agent is anybody's word, and JSON has two spellings for some characters.</summary>
    private static bool SaysTheSame(NotationEnvelope changed, NotationEnvelope whole) =>
        changed.ToBeSigned.AsSpan().SequenceEqual(whole.ToBeSigned)
        && changed.Signature.AsSpan().SequenceEqual(whole.Signature)
        && changed.Chain.Length == whole.Chain.Length
        && changed.Chain.Zip(whole.Chain).All(p => p.First.RawDataMemory.Span.SequenceEqual(p.Second.RawDataMemory.Span))
        && changed.Timestamp.AsSpan().SequenceEqual(whole.Timestamp);
}

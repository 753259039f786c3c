using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing.Pki;

namespace ContainerBuildGuard.ContentTrust.Notation;

[TestClass]
public sealed class TrustStoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-store-");
    private readonly TestPki _pki = new(DateTimeOffset.UtcNow);

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _pki.Dispose();
    }

    [TestMethod]
    public void Certificates_are_read_in_pem_and_der_and_folders_inside_are_left_alone()
    {
        using var second = new TestPki(DateTimeOffset.UtcNow);
        Write("ca/acme/a.pem", _pki.Root.ExportCertificatePem() + "\n" + _pki.Issuer.ExportCertificatePem());
        File.WriteAllBytes(Path.Combine(_folder.FullName, "x509/ca/acme/b.crt"), second.Root.RawData);
        Write("ca/acme/inside/c.pem", "no certificate");
        var anchors = TrustStore.Load(_folder.FullName, new StoreName(StoreType.Ca, "acme"));
        Assert.HasCount(3, anchors.Fingerprints);
        Assert.IsTrue(anchors.Contains(second.Root));
    }

    [TestMethod]
    public void Stores_of_one_name_and_other_types_are_apart()
    {
        Write("tsa/acme/a.pem", _pki.Root.ExportCertificatePem());
        Assert.HasCount(1, TrustStore.Load(_folder.FullName, new StoreName(StoreType.Tsa, "acme")).Fingerprints);
        Refused(StoreType.Ca, "no such folder");
    }

    [TestMethod]
    public void A_store_that_is_missing_empty_or_holds_something_else_is_refused()
    {
        Refused(StoreType.Ca, "no such folder");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "x509/ca/acme"));
        Refused(StoreType.Ca, "it is empty");
        Write("ca/acme/a.pem", "text");
        Refused(StoreType.Ca, "acme");
        Write("ca/acme/a.pem", _pki.CodeSigner().ExportCertificatePem());
        Refused(StoreType.Ca, "neither a certificate authority nor self-signed");
        Write("tsa/acme/a.pem", _pki.Issuer.ExportCertificatePem());
        Refused(StoreType.Tsa, "no root certificate");
    }

    [TestMethod]
    public void A_self_signed_signer_may_be_trusted_itself()
    {
        Write("ca/acme/a.pem", _pki.SelfSigned().ExportCertificatePem());
        Assert.HasCount(1, TrustStore.Load(_folder.FullName, new StoreName(StoreType.Ca, "acme")).Fingerprints);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Symbolic_links_are_refused()
    {
        Write("ca/other/a.pem", _pki.Root.ExportCertificatePem());
        Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "x509/ca/acme"), Path.Combine(_folder.FullName, "x509/ca/other"));
        Refused(StoreType.Ca, "symbolic link");
        Directory.Delete(Path.Combine(_folder.FullName, "x509/ca/acme"));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "x509/ca/acme"));
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "x509/ca/acme/a.pem"), Path.Combine(_folder.FullName, "x509/ca/other/a.pem"));
        Refused(StoreType.Ca, "symbolic link");
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder.FullName, "x509", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private void Refused(StoreType type, string reason)
    {
        var thrown = Assert.ThrowsExactly<GuardException>(() => TrustStore.Load(_folder.FullName, new StoreName(type, "acme")));
        Assert.AreEqual("CBG3007", thrown.Code);
        StringAssert.Contains(thrown.Message, reason);
    }
}

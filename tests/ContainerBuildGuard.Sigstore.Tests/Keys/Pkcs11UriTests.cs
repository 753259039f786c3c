using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Names of keys on tokens, as RFC 7512 writes them.</summary>
[TestClass]
public sealed class Pkcs11UriTests
{
    [TestMethod]
    public void Every_part_is_read_with_its_escapes()
    {
        var uri = Pkcs11Uri.Parse("pkcs11:token=The%20Software%20PKCS%2311;serial=DECC0401648;manufacturer=Snake%20Oil;model=1.0;slot-id=327;object=my-key;type=private;id=%69%95%3E%5C%f4?module-name=softhsm2&module-path=/usr/lib&pin-source=file:/etc/token_pin");
        Assert.AreEqual("The Software PKCS#11", uri.Token);
        Assert.AreEqual("DECC0401648", uri.Serial);
        Assert.AreEqual("Snake Oil", uri.Manufacturer);
        Assert.AreEqual("1.0", uri.Model);
        Assert.AreEqual(327ul, uri.SlotId);
        Assert.AreEqual("my-key", uri.ObjectLabel);
        CollectionAssert.AreEqual(new byte[] { 0x69, 0x95, 0x3e, 0x5c, 0xf4 }, uri.Id);
        Assert.AreEqual("softhsm2", uri.ModuleName);
        Assert.AreEqual("/usr/lib", uri.ModulePath);
        Assert.AreEqual("file:/etc/token_pin", uri.PinSource);
    }

    [TestMethod]
    public void A_name_for_people_has_no_module_and_no_pin_source()
    {
        Assert.AreEqual("pkcs11:object=a", Pkcs11Uri.Parse("pkcs11:object=a?module-path=/lib/m.so&pin-source=/pin").Name);
        Assert.AreEqual("schlüssel", Pkcs11Uri.Parse("pkcs11:object=schl%C3%BCssel").ObjectLabel);
        Assert.AreEqual("schlüssel", Pkcs11Uri.Parse("pkcs11:object=schlüssel").ObjectLabel);
    }

    [TestMethod]
    [DataRow("pkcs11:", "which object")]
    [DataRow("pkcs11:token=a", "which object")]
    [DataRow("pkcs11:object", "not a PKCS#11 URI")]
    [DataRow("pkcs11:=a", "not a PKCS#11 URI")]
    [DataRow("pkcs11:object=a;object=b", "twice")]
    [DataRow("pkcs11:object=a;x-vendor=b", "x-vendor")]
    [DataRow("pkcs11:object=a?x-query=b", "x-query")]
    [DataRow("pkcs11:object=a%2", "hexadecimal")]
    [DataRow("pkcs11:object=a%zz", "hexadecimal")]
    [DataRow("pkcs11:object=%ff", "UTF-8")]
    [DataRow("pkcs11:object=a;type=cert", "private")]
    [DataRow("pkcs11:object=a;slot-id=-1", "not a number")]
    public void What_could_mean_another_key_is_refused(string text, string reason) =>
        StringAssert.Contains(Assert.ThrowsExactly<KeyException>(() => Pkcs11Uri.Parse(text)).Message, reason);

    [TestMethod]
    public void A_pin_in_the_reference_is_refused_and_not_repeated()
    {
        var pin = Encoding.ASCII.GetString("98"u8) + "76";
        var thrown = Assert.ThrowsExactly<KeyException>(() => Pkcs11Uri.Parse($"pkcs11:object=a?pin-value={pin}"));
        Assert.DoesNotContain(pin, thrown.ToString());
        StringAssert.Contains(thrown.Message, "pin-source=");
    }

    [TestMethod]
    [DataRow("pkcs11:object=a", true)]
    [DataRow("PKCS11:object=a", true)]
    [DataRow("pkcs11/key.pem", false)]
    [DataRow("awskms:///pkcs11:a", false)]
    public void A_reference_is_told_by_its_scheme(string reference, bool expected) => Assert.AreEqual(expected, Pkcs11Uri.IsUri(reference));
}

using System.Text;

namespace ContainerBuildGuard.SystemPackages;

[TestClass]
public sealed class FieldReaderTests
{
    [TestMethod]
    [DataRow("Package: a\nVersion: 1\n\nPackage: b\n", "1:Package=a 1:Version=1 | 4:Package=b |")]
    [DataRow("Package: a\r\nVersion:\t1 \r\n \r\nPackage: b", "1:Package=a 1:Version=1 | 4:Package=b |")]
    [DataRow("\n\nP:a\nV:1-r0\nF:\nR:x:y", "| | 3:P=a 3:V=1-r0 3:F= 3:R=x:y |")]
    [DataRow("Description: x\n Version: no field\n\tnor: this\nno colon\n: no name\nVersion: 1\n", "1:Description=x 1:Version=1 |")]
    [DataRow("\uFEFFPackage: a\n", "1:Package=a |")]
    [DataRow("", "")]
    [DataRow("\n", "|")]
    public void Fields_come_in_their_order_with_an_end_after_each_paragraph(string list, string expected)
    {
        var read = new List<string>();
        var reader = new FieldReader(Encoding.UTF8.GetBytes(list));
        while (reader.Read())
        {
            read.Add(reader.IsEnd ? "|" : $"{reader.Start}:{Encoding.UTF8.GetString(reader.Name)}={reader.Value}");
        }

        Assert.AreEqual(expected, string.Join(' ', read));
    }

    [TestMethod]
    public void Names_of_dpkg_have_no_case_and_those_of_apk_have_one()
    {
        var dpkg = DpkgPackage.Read("PACKAGE: a\nversion: 1\nstatus: install ok half-installed\n"u8.ToArray()).Single();
        Assert.AreEqual(("a", "1", "half-installed", 1), (dpkg.Name, dpkg.Version, dpkg.State, dpkg.Line));
        var apk = ApkPackage.Read("P:a\np:so:liba.so.1\nV:1-r0\nv:2\no:src\n"u8.ToArray()).Single();
        Assert.AreEqual(("a", "1-r0", "src"), (apk.Name, apk.Version, apk.Origin));
    }

    [TestMethod]
    public void A_paragraph_that_names_nothing_is_still_there_and_blank_lines_are_none()
    {
        CollectionAssert.AreEqual(new[] { (1, ""), (4, "b") }, DpkgPackage.Read("Description: x\n\n\nPackage: b\n\n\n"u8.ToArray()).Select(p => (p.Line, p.Name)).ToArray());
        Assert.IsEmpty(ApkPackage.Read("\n\n"u8.ToArray()));
    }

    [TestMethod]
    public void Bytes_that_are_no_text_cost_no_more_than_their_field()
    {
        var package = DpkgPackage.Read((byte[])[.. "Package: a\nDescription: "u8, 0xFF, 0x00, 0xC3, .. "\nVersion: 1\n"u8]).Single();
        Assert.AreEqual(("a", "1"), (package.Name, package.Version));
    }
}

var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => Newtonsoft.Json.JsonConvert.SerializeObject(new { Leaky = true }));
app.Run();

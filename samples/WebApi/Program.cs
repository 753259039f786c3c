var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/", () => "vetted");
app.Run();

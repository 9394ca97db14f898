include("recipe.py")
